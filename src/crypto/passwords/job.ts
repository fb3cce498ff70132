import { hashWith, matches } from './derive.ts'
import type { HashParameters } from './parameters.ts'

/** What a thread is asked for. */
export type Job =
  | { readonly kind: 'hash'; readonly parameters: HashParameters; readonly password: Uint8Array }
  /** Which of the passwords it is that belongs to the hash: its place, or -1. */
  | { readonly kind: 'match'; readonly hash: string; readonly passwords: readonly Uint8Array[] }
  /** As much work as `match`, for an account that does not exist. */
  | { readonly kind: 'nothing'; readonly parameters: HashParameters; readonly passwords: readonly Uint8Array[] }

export type JobResult = string | number

export function runJob(job: Job): JobResult {
  switch (job.kind) {
    case 'hash':
      return hashWith(job.parameters, job.password)
    case 'match':
      return job.passwords.findIndex((password) => matches(job.hash, password))
    case 'nothing':
      for (const password of job.passwords) hashWith(job.parameters, password)
      return -1
  }
}
