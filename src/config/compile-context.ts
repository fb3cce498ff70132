import type { AnyPolicy } from '../core/policy.ts'
import type { Report } from './config-error.ts'
import type { ReadDocuments } from './documents/read-documents.ts'
import type { Applied } from './layers/applied.ts'
import type { LayerValue } from './layers/to-layer.ts'
import type { Notice } from './snapshot.ts'
import type { ConfigSource } from './source/config-source.ts'

/** What the steps of one compilation share. */
export interface CompileContext {
  readonly source: ConfigSource
  readonly report: Report
  readonly policies: readonly AnyPolicy[]
  /** Embedded, a route without an upstream goes to the application. */
  readonly embedded: boolean
  readonly defaults: LayerValue
  /** Keys of `defaults` that could not be read. */
  readonly brokenDefaults: ReadonlySet<string>
  /** What every route starts from. */
  readonly inherited: readonly Applied[]
  /** The names of all upstreams, those that could not be read included. */
  readonly upstreamNames: readonly string[]
  /** The OpenAPI documents that the file names. */
  readonly documents: ReadDocuments
  readonly notices: Notice[]
}
