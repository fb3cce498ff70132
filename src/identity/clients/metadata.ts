import type { ClientMetadata } from 'oidc-provider'
import type { ClientGrant, ClientRecord } from '../../stores/ports/client-store.ts'
import { ownClientId } from '../account/own-client.ts'
import { deviceGrantType } from '../device/polling.ts'
import { exchangeGrantType } from '../exchange/request.ts'
import { isNative } from './redirect-uri.ts'

const grantTypes: Readonly<Record<ClientGrant, string>> = {
  authorizationCode: 'authorization_code',
  refreshToken: 'refresh_token',
  clientCredentials: 'client_credentials',
  deviceCode: deviceGrantType,
  tokenExchange: exchangeGrantType,
}

/** What people agree to beside the scopes of resources. */
export const personScopes = ['openid', 'profile', 'email', 'offline_access'] as const

/** A client as oidc-provider knows it. Its secrets are digests, which `compareSecrets` understands. */
export function toMetadata({ id, settings, secrets }: ClientRecord): ClientMetadata {
  const { name, grants, redirectUris, postLogoutRedirectUris, dpop } = settings
  const byCode = grants.includes('authorizationCode')
  const forPeople = byCode || grants.includes('deviceCode')
  const isPublic = secrets.length === 0
  return {
    client_id: id,
    client_name: name ?? id,
    // Programs that wait on loopback can be anybody's, so that people are asked each time; these pages are our own.
    application_type: isNative(redirectUris) && id !== ownClientId ? 'native' : 'web',
    grant_types: grants.map((grant) => grantTypes[grant]),
    response_types: byCode ? ['code'] : [],
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: [...postLogoutRedirectUris],
    token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
    ...(isPublic ? {} : { client_secret: JSON.stringify(secrets) }),
    ...(forPeople && { scope: personScopes.join(' ') }),
    dpop_bound_access_tokens: dpop === 'required',
    id_token_signed_response_alg: 'ES256',
  }
}
