import type { Composition } from '../../core/policy.ts'
import { isLooserBinding } from '../required-binding.ts'
import type { JwtOptions } from './options.ts'

/** Fewer issuers are tighter. Both lists cannot apply side by side, because one token identifies one caller once. */
export function compose(inherited: JwtOptions, own: JwtOptions): Composition {
  if (isLooserBinding(inherited.bound, own.bound)) return 'looser'
  const allowed = inherited.issuers
  if (allowed === undefined) return 'tighter'
  return own.issuers?.every((name) => allowed.includes(name)) ? 'tighter' : 'looser'
}
