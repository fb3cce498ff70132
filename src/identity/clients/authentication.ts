import type { ClientRecord } from '../../stores/ports/client-store.ts'

/** How a client proves who it is, as OAuth calls it (RFC 8414, `token_endpoint_auth_methods_supported`). */
export type AuthenticationMethod = 'none' | 'client_secret_basic' | 'private_key_jwt'

/** One way for each client: what it has decides, so that none can be weakened to another. */
export function toAuthenticationMethod({
  settings,
  secrets,
}: Omit<ClientRecord, 'id' | 'createdAt'>): AuthenticationMethod {
  if (secrets.length > 0) return 'client_secret_basic'
  return settings.keys === undefined ? 'none' : 'private_key_jwt'
}
