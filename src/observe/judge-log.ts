import { byKeys, byMembers, byWeakness, type Judge, neutral } from '../core/judge.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import type { LogDestination, LogOptions } from './options.ts'

const levels: readonly LogOptions['level'][] = ['info', 'warn', 'error', 'silent']

type LogFile = Exclude<LogDestination, 'stdout'>

/** How long the evidence is kept. */
const judgeFile = byKeys<LogFile>({
  file: neutral,
  rotateAt: byWeakness<number>((bytes) => -bytes, formatBytes),
  keepFiles: byWeakness<number>((count) => -count),
  keepFor: byWeakness<number>((ms) => -ms, formatDuration),
})

const judgeDestination: Judge<LogDestination> = (before, after) =>
  before === 'stdout' || after === 'stdout' ? neutral(before, after) : judgeFile(before, after)

/** What a change of the log means: less evidence weakens, and so does more of what callers send being kept. */
export const judgeLog = byKeys<LogOptions>({
  to: judgeDestination,
  level: byWeakness<LogOptions['level']>((level) => levels.indexOf(level)),
  access: byWeakness<boolean>((written) => (written ? 0 : 1)),
  headers: byMembers('weakens', 'changes'),
})
