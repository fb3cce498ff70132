import { byKeys, byPresence, byWeakness, type Judge } from '../../../core/judge.ts'
import type { AntivirusSettings } from './options.ts'

const byOther = byWeakness(() => 0)

/** Without the block no file is scanned; a policy that asks for it is an error then, so its coming and going is told. */
export const judgeAntivirus: Judge<AntivirusSettings | null | undefined> = byPresence<AntivirusSettings>(
  { added: 'tightens', removed: 'weakens' },
  byKeys<AntivirusSettings>({
    // Whether another scanner finds as much, a person knows.
    clamd: (before, after) =>
      before === after ? [] : [{ effect: 'unjudged', path: [], text: `${before} → ${after}` }],
    onFailure: byWeakness((value) => (value === 'allow' ? 1 : 0)),
    largerFiles: byWeakness((value) => (value === 'pass' ? 1 : 0)),
    maxBytes: byOther,
    connections: byOther,
    timeout: byOther,
  }),
)
