import { unjudged } from '../core/judge.ts'
import { judgePasswords } from './passwords/judge.ts'

/** What changes of this folder's blocks mean, for `portcullis diff`. */
export const cryptoJudges = { passwords: judgePasswords, secrets: unjudged }
