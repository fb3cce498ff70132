import type { FactorRecord } from '../../stores/ports/factor-store.ts'
import { secondFactors } from './registry.ts'
import type { SecondFactor } from './second-factor.ts'

/** A kind of second factor with those of it that an account has. */
export interface HeldKind {
  readonly factor: SecondFactor
  readonly held: readonly FactorRecord[]
}

/** The kinds that an account has something of, the one that is offered first first. */
export function toHeldKinds(records: readonly FactorRecord[]): HeldKind[] {
  return secondFactors
    .map((factor) => ({ factor, held: records.filter(({ kind }) => kind === factor.kind) }))
    .filter(({ held }) => held.length > 0)
}

export function hasSecondFactor(records: readonly FactorRecord[]): boolean {
  return toHeldKinds(records).some(({ factor }) => factor.counts)
}

/** The one that the query of an address names (`by`), or else the first. */
export function chooseKind(kinds: readonly HeldKind[], query: string): HeldKind | undefined {
  const wanted = new URLSearchParams(query).get('by')
  return kinds.find(({ factor }) => factor.kind === wanted) ?? kinds[0]
}
