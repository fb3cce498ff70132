import type { Composition } from '../../core/policy.ts'
import type { ApiKeyOptions, ForeignKeys } from './options.ts'

/** A route may move the places that keys come in, but not into the URL, and neither believe keys for longer nor take more. */
export function compose(inherited: ApiKeyOptions, own: ApiKeyOptions): Composition {
  const opensQuery = own.query !== undefined && own.query !== inherited.query
  return opensQuery ||
    own.cacheLifetime > inherited.cacheLifetime ||
    takesMore(inherited.environments, own.environments) ||
    opensForeign(inherited.foreign, own.foreign)
    ? 'looser'
    : 'tighter'
}

function takesMore(inherited: readonly string[] | undefined, own: readonly string[] | undefined): boolean {
  if (inherited === undefined) return false
  return own === undefined || own.some((environment) => !inherited.includes(environment))
}

function opensForeign(inherited: ForeignKeys | undefined, own: ForeignKeys | undefined): boolean {
  if (own === undefined) return false
  if (inherited === undefined || own.minLength < inherited.minLength) return true
  if (inherited.prefixes.length === 0) return own.prefixes.length > 0
  return own.prefixes.length === 0 || !own.prefixes.every((prefix) => begins(prefix, inherited.prefixes))
}

function begins(prefix: string, known: readonly string[]): boolean {
  return known.some((one) => prefix.startsWith(one))
}
