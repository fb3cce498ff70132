import type { Composition } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import type { MtlsOptions } from './options.ts'

/** A route may know fewer callers, or trust fewer authorities; whom else it would trust is for `loosen`. */
export function compose(inherited: MtlsOptions, own: MtlsOptions): Composition {
  const knowsMore = own.identities.some((one) => !inherited.identities.some((other) => isSame(one, other)))
  const trustsOthers = inherited.authorities !== undefined && !isSame(inherited.authorities, own.authorities)
  const opensProxies = own.proxyField !== undefined && own.proxyField !== inherited.proxyField
  return knowsMore || trustsOthers || opensProxies ? 'looser' : 'tighter'
}
