import type { Spread } from './statistics.ts'

/** What a figure must reach, as data: a ratio between two figures of one run, an amount, or nothing at all. */
export type Requirement =
  | { readonly ratio: '>=' | '<='; readonly value: number }
  | { readonly amount: '>=' | '<='; readonly value: number; readonly unit: string }
  | { readonly report: 'ratio' }
  | { readonly report: 'amount'; readonly unit: string }

/** One row of the result: what was asked, what came out. */
export interface Claim {
  readonly text: string
  readonly must: Requirement
  /** Null where it could not be measured; `why` says so. */
  readonly got: Spread | null
  readonly why?: string
  /** What else to know beside the figure. */
  readonly beside?: string
}

export type Verdict = 'met' | 'missed' | 'reported' | 'not measured'

/** The median decides; the spread says how far to trust it. */
export function judge({ must, got }: Claim): Verdict {
  if (got === null) return 'not measured'
  if ('report' in must) return 'reported'
  const comparison = 'ratio' in must ? must.ratio : must.amount
  const reached = comparison === '>=' ? got.median >= must.value : got.median <= must.value
  return reached ? 'met' : 'missed'
}

/** True where the spread touches the bound, so that another run may judge the other way. */
export function isClose({ must, got }: Claim): boolean {
  return got !== null && !('report' in must) && got.min < must.value && must.value < got.max
}

/** A claim that could not be measured counts as broken: a benchmark that did not run proves nothing. */
export function allReached(claims: readonly Claim[]): boolean {
  return claims.every((claim) => ['met', 'reported'].includes(judge(claim)))
}
