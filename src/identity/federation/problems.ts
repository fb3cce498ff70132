import type { TextKey } from '../texts/en.ts'

/** What people are told where a login at another server came to nothing, by what stands in the address of the page. */
export const upstreamProblems = {
  denied: 'with.denied',
  unavailable: 'with.unavailable',
  failed: 'with.failed',
  gone: 'with.gone',
  stale: 'with.stale',
} as const satisfies Readonly<Record<string, TextKey>>

export type UpstreamProblem = keyof typeof upstreamProblems

export function readProblem(query: URLSearchParams): UpstreamProblem | null {
  const problem = query.get('problem') ?? ''
  return Object.hasOwn(upstreamProblems, problem) ? (problem as UpstreamProblem) : null
}
