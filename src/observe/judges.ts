import { judgeLog } from './judge-log.ts'

/** What changes of the blocks that this folder reads mean, for `portcullis diff`. */
export const observeJudges = {
  log: judgeLog,
}
