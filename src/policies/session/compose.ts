import type { Composition } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import type { SessionOptions } from './options.ts'

/** A route may not believe a session for longer, and there is one way out for all of them. */
export function compose(inherited: SessionOptions, own: SessionOptions): Composition {
  const sameLogout = isSame(inherited.logout ?? null, own.logout ?? null)
  return own.cacheLifetime <= inherited.cacheLifetime && sameLogout ? 'tighter' : 'looser'
}
