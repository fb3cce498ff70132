import type { CompiledSnapshot } from './compiled.ts'
import type { TransferWatch } from './transfer-watch.ts'

/** What a protocol's server works with; `current` is read once per exchange. */
export interface ServingContext {
  readonly current: () => CompiledSnapshot
  readonly watch: TransferWatch
  /** Called with a fault of ours that ended a request before it was an exchange. */
  readonly onFault: (error: unknown) => void
  /** Called when a connection was ended because its client's certificate is not trusted, or did not come. */
  readonly onUntrustedClient: (peer: string, problem: string) => void
}
