import type { Composition } from '../../core/policy.ts'
import type { ApiKeyOptions } from './options.ts'

/** A route may move the places that keys come in, but not into the URL, and not believe keys for longer. */
export function compose(inherited: ApiKeyOptions, own: ApiKeyOptions): Composition {
  const opensQuery = own.query !== undefined && own.query !== inherited.query
  return opensQuery || own.cacheLifetime > inherited.cacheLifetime ? 'looser' : 'tighter'
}
