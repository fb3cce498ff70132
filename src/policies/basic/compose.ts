import type { Composition } from '../../core/policy.ts'
import type { BasicOptions } from './options.ts'

/** A route may not believe passwords for longer, nor take the accounts of others. */
export function compose(inherited: BasicOptions, own: BasicOptions): Composition {
  return own.cacheLifetime > inherited.cacheLifetime || own.tenant !== inherited.tenant ? 'looser' : 'tighter'
}
