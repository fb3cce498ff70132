import type { Snapshot } from '../../config/snapshot.ts'
import type { Incoming } from '../../gateway/receive.ts'

/** What one step of a pipeline decided about the request. */
export interface DecidedStep {
  readonly stage: string
  /** Null for the core's own steps: identifying the caller, collecting the body. */
  readonly policy: string | null
  readonly outcome: 'next' | 'reply' | 'refuse' | 'observed'
  /** The private code of a refusal, and what the log would say of it. */
  readonly code: string | null
  readonly detail: string | null
  /** What the policy says of how it came to that. */
  readonly reasons: readonly string[]
}

/** What would become of the request. */
export interface Decided {
  /** Up to the step that ended the exchange. */
  readonly steps: readonly DecidedStep[]
  /** The status of the answer; null where the request would be forwarded. */
  readonly status: number | null
  /** Who was calling, as `kind issuer/id`; null where nobody was identified. */
  readonly principal: string | null
}

/**
 * Runs the compiled pipeline on a request without sending anything: no upstream, no counting, no record. Null where
 * that cannot be done here, the store being locked or absent for example.
 */
export type Decide = (snapshot: Snapshot, request: Incoming) => Promise<Decided | null>
