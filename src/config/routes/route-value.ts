import type { LayerValue } from '../layers/to-layer.ts'

/** One route of the file, once read. */
export interface RouteValue extends LayerValue {
  readonly path?: string | undefined
  readonly paths?: readonly string[] | undefined
  readonly methods?: readonly string[] | undefined
  readonly hosts?: readonly string[] | undefined
  readonly upstream?: string | undefined
  readonly stripPrefix?: string | undefined
  readonly preserveHost: boolean
  readonly access?: 'public' | undefined
  readonly reason?: string | undefined
  readonly allow: { readonly encodedSlash: boolean; readonly upstreamErrors: boolean }
}

/** A route with its place in the file. */
export interface RouteEntry {
  readonly value: RouteValue
  readonly broken: ReadonlySet<string>
  readonly base: readonly ['routes', number]
}
