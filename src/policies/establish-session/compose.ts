import { areOriginsWithin } from '../../core/origin.ts'
import type { Composition } from '../../core/policy.ts'
import type { EstablishSessionOptions } from './options.ts'

export function compose(inherited: EstablishSessionOptions, own: EstablishSessionOptions): Composition {
  const keepsClearing = own.clearSiteData || !inherited.clearSiteData
  return areOriginsWithin(own.trustedOrigins, inherited.trustedOrigins) && keepsClearing ? 'tighter' : 'looser'
}
