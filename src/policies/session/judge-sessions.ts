import { byKeys, byPresence, byWeakness, type Judge, neutral } from '../../core/judge.ts'
import { formatDuration } from '../../core/units.ts'
import { type SessionSettings, sessionsBlock } from '../sessions-block.ts'

const longer = byWeakness<number>((ms) => ms, formatDuration)

const judgeSettings = byKeys<SessionSettings>({
  cookie: byWeakness<string>((name) => (name.startsWith('__Host-') ? 0 : name.startsWith('__Secure-') ? 1 : 2)),
  sameSite: byWeakness<SessionSettings['sameSite']>((value) => (value === 'lax' ? 1 : 0)),
  idle: longer,
  absolute: longer,
  persistent: byWeakness<boolean>((value) => (value ? 1 : 0)),
  maxPerPrincipal: byWeakness<number>((count) => count),
  unsafePlainHttp: byPresence<{ readonly reason: string }>(
    { added: 'weakens', removed: 'tightens', show: ({ reason }) => reason },
    neutral,
  ),
})

/** What a change of the sessions means; a file without the block has its defaults. */
export const judgeSessions: Judge<SessionSettings | undefined> = (before, after) =>
  judgeSettings(before ?? sessionsBlock.parse({}), after ?? sessionsBlock.parse({}))
