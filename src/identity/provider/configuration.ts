import type { AdapterFactory, Configuration } from 'oidc-provider'
import type { AccountLookup } from '../../stores/ports/account-store.ts'
import type { ClientLookup, ClientRecord } from '../../stores/ports/client-store.ts'
import { personScopes, toMetadata } from '../clients/metadata.ts'
import { clientAlgorithms } from '../clients/parse-keys.ts'
import { createDevicePages } from '../device/pages.ts'
import { loginPath, providerPaths, registrationPath, toMount } from '../endpoints.ts'
import { assuranceLevels } from '../factors/assurance.ts'
import { LocalSigningKey } from '../keys/local-signing-key.ts'
import type { KeySet } from '../keys/signing-keys.ts'
import { implicitResponseTypes } from '../legacy/implicit.ts'
import type { IdentityOptions } from '../options.ts'
import { createErrorRenderer } from '../pages/error-page.ts'
import { createLogoutPages } from '../pages/logout-page.ts'
import type { Looks } from '../pages/look.ts'
import { createFindAccount } from './accounts.ts'
import { clientCertificates } from './client-certificates.ts'
import { allowClientOrigin } from './client-origins.ts'
import { toCookies } from './cookies.ts'
import { toLifetimes } from './lifetimes.ts'
import { createGrantLoader } from './load-grant.ts'
import { mayRevoke } from './may-revoke.ts'
import { createPrompts } from './prompts.ts'
import { createResourceIndicators } from './resource-servers.ts'
import { checkAssertion, checkRequestObject } from './signed-requests.ts'
import { addGrantName, createTokenClaims } from './token-claims.ts'

export interface ConfigurationDeps {
  readonly adapter: AdapterFactory
  readonly accounts: AccountLookup
  readonly directory: ClientLookup
  /** Those of the policy file, which need not be looked up each time. */
  readonly fileClients: readonly ClientRecord[]
  readonly looks: Looks
  readonly now: () => number
}

/** How far the clocks of clients may be wrong, in what they sign. */
const clockToleranceSeconds = 5

/** Everything that oidc-provider is told. What is not built is switched off, so that discovery does not speak of it. */
export function toConfiguration(options: IdentityOptions, keys: KeySet, deps: ConfigurationDeps): Configuration {
  const { accounts, directory, looks } = deps
  const { mount } = toMount(options.issuer)
  const hasImplicit = deps.fileClients.some(({ settings }) => settings.legacy?.implicit !== undefined)
  return {
    adapter: deps.adapter,
    // Those whose keys are elsewhere are looked up like those of the store: their keys change.
    clients: deps.fileClients
      .filter(({ settings: { keys } }) => !(keys && 'url' in keys))
      .map((one) => toMetadata(one)),
    jwks: { keys: keys.map((key) => new LocalSigningKey(key)) },
    routes: providerPaths,
    scopes: [...personScopes],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      profile: ['preferred_username'],
      email: ['email', 'email_verified'],
      sid: null,
      iss: null,
    },
    // Clients need not ask a second time for what they may know.
    conformIdTokenClaims: false,
    acrValues: [...assuranceLevels],
    responseTypes: ['code', ...(hasImplicit ? implicitResponseTypes : [])],
    pkce: { required: () => true },
    clientAuthMethods: [
      ...['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      ...['tls_client_auth', 'self_signed_tls_client_auth'],
    ] as Configuration['clientAuthMethods'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
      clientAuthSigningAlgValues: [...clientAlgorithms],
      requestObjectSigningAlgValues: [...clientAlgorithms],
    },
    assertJwtClientAuthClaimsAndHeader: checkAssertion,
    // Nothing that it is told is an address to it: what has to be fetched is fetched by us.
    fetch: () => Promise.reject(new Error('the identity server fetches nothing by itself')),
    clientBasedCORS: allowClientOrigin,
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: clockToleranceSeconds,
    cookies: toCookies(options),
    ttl: toLifetimes(options),
    interactions: {
      policy: createPrompts(options),
      url: (_ctx, interaction) => `${mount}${loginPath}/${interaction.uid}`,
    },
    findAccount: createFindAccount(accounts),
    loadExistingGrant: createGrantLoader(directory),
    extraTokenClaims: createTokenClaims(accounts, directory, options.realm),
    formats: { customizers: { jwt: addGrantName } },
    // Without `offline_access` a line of refresh tokens ends with the login that it began with.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // A name that was revoked stays so for a while: what is issued afterwards must have another one.
    revokeGrantPolicy: () => true,
    renderError: createErrorRenderer(looks),
    ...(options.registration !== undefined && {
      discovery: { registration_endpoint: options.issuer.replace(/\/$/, '') + registrationPath },
    }),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      introspection: {
        enabled: true,
        async allowedPolicy(_ctx, client, token) {
          if (token.clientId === client.clientId) return true
          return (await directory.find(client.clientId))?.settings.introspects === 'all'
        },
      },
      dPoP: { enabled: true },
      // Its version is named because the next one may differ: the provider is not made then, and says so.
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      deviceFlow: { enabled: true, ...createDevicePages(directory, looks) },
      mTLS: clientCertificates,
      backchannelLogout: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: true, assertJwtClaimsAndHeader: checkRequestObject },
      resourceIndicators: createResourceIndicators(options, deps),
      rpInitiatedLogout: {
        enabled: true,
        ...createLogoutPages(looks),
      },
    },
  } as Configuration
}
