import type { Composition } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import type { BrowserLoginOptions } from './options.ts'

/** There is one way in for all routes; a route may keep the access token from its upstream. */
export function compose(inherited: BrowserLoginOptions, own: BrowserLoginOptions): Composition {
  const attach = own.attach === 'none' ? inherited.attach : own.attach
  return isSame(inherited, { ...own, attach }) ? 'tighter' : 'looser'
}
