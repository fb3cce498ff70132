import { errors, type KoaContextWithOIDC } from 'oidc-provider'

interface Client {
  readonly clientId: string
  readonly clientAuthMethod?: string
}

/**
 * A client revokes its own tokens and no others (RFC 7009 section 2.1). One that proves nothing is not told that a token
 * is somebody else's.
 */
export function mayRevoke(_ctx: KoaContextWithOIDC, client: Client, token: { readonly clientId?: string }): boolean {
  if (token.clientId === client.clientId) return true
  if (client.clientAuthMethod === 'none') return false
  throw new errors.InvalidRequest('the token is not one of this client')
}
