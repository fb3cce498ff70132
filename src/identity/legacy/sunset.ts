import type { LegacyGrant } from '../../stores/ports/client-store.ts'

/** How long tokens of these grants live: in an address they are found, and nobody could be asked again. */
export const legacySeconds = 300

const dayMs = 86_400_000

/** Whether the last day of a grant is over, in UTC. One that was never there has ended too. */
export function hasEnded(grant: LegacyGrant | undefined, now: number): boolean {
  // `NaN` is no day that is still to come.
  return grant === undefined || !(now < Date.parse(grant.until) + dayMs)
}
