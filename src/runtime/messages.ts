import type { MetricJson } from '../observe/metrics.ts'
import type { OpenedListener, Revision } from './serving.ts'
import type { StoreCall, StoreOutcome } from './store-calls.ts'

/** From the main thread to a gateway thread. */
export type ToWorker =
  | { readonly type: 'prepare'; readonly id: number; readonly revision: Revision }
  | { readonly type: 'commit' }
  | { readonly type: 'discard' }
  | { readonly type: 'ports'; readonly https: number | null }
  | { readonly type: 'metrics'; readonly id: number }
  | { readonly type: 'ping' }
  | { readonly type: 'reopen-log' }
  | { readonly type: 'store-outcome'; readonly id: number; readonly outcome: StoreOutcome }
  | { readonly type: 'stop'; readonly drainMs: number }

/** From a gateway thread to the main thread. */
export type FromWorker =
  | { readonly type: 'prepared'; readonly id: number; readonly listeners: readonly OpenedListener[] }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'metrics'; readonly id: number; readonly data: MetricJson[] }
  /** Before it ends. */
  | { readonly type: 'last-metrics'; readonly data: MetricJson[] }
  | { readonly type: 'pong' }
  | { readonly type: 'key-uses'; readonly batch: unknown }
  | { readonly type: 'store-call'; readonly id: number; readonly call: StoreCall }
