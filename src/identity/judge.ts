import { unjudged } from '../core/judge.ts'

/** What changes of this folder's block mean, for `portcullis diff`: a person is asked to judge. */
export const identityJudges = { identity: unjudged }
