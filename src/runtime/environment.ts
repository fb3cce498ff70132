import type { Exchange, Outcome } from '../core/exchange.ts'
import type { AnyPolicy } from '../core/policy.ts'
import type { Provide } from '../core/ports.ts'
import type { Meter, PolicyLog } from '../core/telemetry.ts'
import type { SharedState } from './shared-state.ts'

/** What a thread runs snapshots in: everything that is opened once and outlives them. */
export interface Environment {
  readonly policies: readonly AnyPolicy[]
  readonly provide: Provide
  readonly shared: SharedState
  readonly log: PolicyLog
  readonly meter: Meter
  readonly now: () => number
  readonly record: (exchange: Exchange, outcome: Outcome) => void
  /** Moves when something was revoked; absent where nothing tells. */
  readonly changeEpoch?: () => number
  /** The port that plain HTTP redirects to, once it is open; null without an HTTPS listener. */
  readonly httpsPort: () => number | null
  /** The deployment's key for probes; null where none may be run. */
  readonly proofKey: Buffer | null
}
