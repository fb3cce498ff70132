import type { ClientRecord } from '../../stores/ports/client-store.ts'

/** How clients prove who they are, as OAuth calls it (RFC 8414, `token_endpoint_auth_methods_supported`). */
export type AuthenticationMethod =
  | 'none'
  | 'client_secret_basic'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'

/** One way for each client: what it has decides, so that none can be weakened to another. */
export function toAuthenticationMethod({
  settings,
  secrets,
}: Pick<ClientRecord, 'settings' | 'secrets'>): AuthenticationMethod {
  const { keys, certificate } = settings
  if (certificate !== undefined) return 'selfSigned' in certificate ? 'self_signed_tls_client_auth' : 'tls_client_auth'
  if (secrets.length > 0) return 'client_secret_basic'
  return keys === undefined ? 'none' : 'private_key_jwt'
}
