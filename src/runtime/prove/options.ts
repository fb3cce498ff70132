import type { Snapshot } from '../../config/snapshot.ts'
import type { FieldPairs } from '../../core/decision.ts'
import type { Provide } from '../../core/ports.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { ProbeListener } from '../../scanner/listener.ts'

export interface ProveOptions {
  readonly snapshot: Snapshot
  /** Where HTTPS and plain HTTP answer; null where there is no such listener. */
  readonly https: URL | null
  readonly http: URL | null
  /** PEM authorities for HTTPS; null: the development certificate where there is one, else the platform's. */
  readonly ca: string | null
  /**
   * Fields that identify a caller: used where no credential can be minted, and where a policy may ask for more than one
   * that is minted has.
   */
  readonly headers: FieldPairs
  /** Private keys of callers (PEM or JWK) by the name of their issuer or their `keyId`. */
  readonly keys?: ReadonlyMap<string, string> | undefined
  /** The certificate of a caller and its key, PEM, for routes with `mtls`. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined
  /** Only the probes of these policies; null: of all. */
  readonly only: readonly string[] | null
  readonly provide: Provide
  readonly log: PolicyLog
  /** Hears how far it is; absent: nobody does. */
  readonly listener?: ProveListener | undefined
}

export interface ProveListener extends ProbeListener {
  /** So many policies of routes, of so many, are done. */
  advances(done: number, total: number): void
}
