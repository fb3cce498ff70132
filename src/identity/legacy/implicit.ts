import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { hasEnded } from './sunset.ts'

/** Each has a nonce, which oidc-provider asks for: a bare `token` is bound to no login of anybody. */
export const implicitResponseTypes = ['id_token', 'id_token token'] as const

/** Refuses what comes in an address from the day on that the client was to have moved. */
export function refuseEndedImplicit({ oidc }: KoaContextWithOIDC, { settings }: ClientRecord, now: number): void {
  const type = oidc.params?.response_type
  if (typeof type !== 'string' || !type.split(' ').some((one) => one === 'id_token' || one === 'token')) return
  if (hasEnded(settings.legacy?.implicit, now))
    throw new errors.UnauthorizedClient('the implicit grant of this client has ended')
}
