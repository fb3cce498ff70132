import type { ClientMetadata } from 'oidc-provider'
import type { ClientGrant, ClientRecord, PublicJwk } from '../../stores/ports/client-store.ts'
import { ownClientId } from '../account/own-client.ts'
import { deviceGrantType, exchangeGrantType } from '../grant-types.ts'
import { implicitResponseTypes } from '../legacy/implicit.ts'
import { toAuthenticationMethod } from './authentication.ts'
import { browserClientId } from './browser-client.ts'
import { toCertificateMetadata } from './certificate-rule.ts'
import { isNative } from './redirect-uri.ts'

/** What grants are called between programs. */
export const grantTypes: Readonly<Record<ClientGrant, string>> = {
  authorizationCode: 'authorization_code',
  refreshToken: 'refresh_token',
  clientCredentials: 'client_credentials',
  deviceCode: deviceGrantType,
  tokenExchange: exchangeGrantType,
}

const ours = new Set([ownClientId, browserClientId])

/** What people agree to beside the scopes of resources. */
export const personScopes = ['openid', 'profile', 'email', 'offline_access'] as const

/**
 * A client as oidc-provider knows it. Its secrets are digests, which `compareSecrets` understands.
 * @param published its keys as they are at its own address; oidc-provider fetches none
 */
export function toMetadata(client: ClientRecord, published: readonly PublicJwk[] = []): ClientMetadata {
  const { id, settings, secrets } = client
  const { name, grants, redirectUris, postLogoutRedirectUris, dpop, keys, certificate, requestObjects, legacy } =
    settings
  const { certificateBoundTokens = certificate !== undefined && dpop !== 'required' } = settings
  const byCode = grants.includes('authorizationCode')
  const implicit = legacy?.implicit !== undefined
  const forPeople = byCode || grants.includes('deviceCode') || legacy !== undefined
  return {
    client_id: id,
    client_name: name ?? id,
    // Programs that wait on loopback can be anybody's, so that people are asked each time; these pages are our own.
    application_type: isNative(redirectUris) && !ours.has(id) ? 'native' : 'web',
    grant_types: [
      ...grants.map((grant) => grantTypes[grant]),
      ...(implicit ? ['implicit'] : []),
      ...(legacy?.password === undefined ? [] : ['password']),
    ],
    response_types: [...(byCode ? ['code'] : []), ...(implicit ? implicitResponseTypes : [])],
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: [...postLogoutRedirectUris],
    token_endpoint_auth_method: toAuthenticationMethod(client),
    ...(secrets.length > 0 && { client_secret: JSON.stringify(secrets) }),
    ...(keys !== undefined && { jwks: { keys: [...('jwks' in keys ? keys.jwks : published)] } }),
    ...(certificate !== undefined && toCertificateMetadata(certificate)),
    tls_client_certificate_bound_access_tokens: certificateBoundTokens,
    ...(settings.backchannelLogoutUri !== undefined && {
      backchannel_logout_uri: settings.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
    require_signed_request_object: requestObjects === 'required',
    ...(forPeople && { scope: personScopes.join(' ') }),
    dpop_bound_access_tokens: dpop === 'required',
    id_token_signed_response_alg: 'ES256',
  } as ClientMetadata
}
