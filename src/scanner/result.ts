import type { Probe } from '../core/probe.ts'

export interface ProbeResult {
  readonly route: string
  readonly policy: string
  readonly probe: string
  readonly kind: Probe['kind']
  readonly standard: string | null
  readonly expected: string
  readonly got: string
  /** `skip` says in `reason` what was missing; it is no pass. */
  readonly verdict: 'pass' | 'fail' | 'skip'
  readonly reason: string | null
}
