import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
} from 'openid-client'
import type { OutboundClient } from '../../outbound/outbound.ts'
import { checkFreshness } from './freshness.ts'
import { createGuardedFetch } from './guarded-fetch.ts'
import type { RoleRule } from './options.ts'
import { toUpstreamError } from './to-upstream-error.ts'
import type { Upstream, UpstreamIdentity, UpstreamRequest } from './upstream.ts'

/** Asks an address with the access token, and returns the JSON document that it answers with. */
export type Ask = (url: string) => Promise<unknown>

export interface OAuth2Settings {
  readonly name: string
  readonly label: string
  readonly rules: readonly RoleRule[]
  /** What it says in `iss`, where it does (RFC 9207); null: whatever it says there is passed over. */
  readonly issuer: string | null
  readonly authorize: string
  readonly token: string
  readonly clientId: string
  readonly auth: ClientAuth
  readonly scopes: readonly string[]
  /** Finds out who the access token stands for. */
  readonly identify: (ask: Ask, accessToken: string) => Promise<UpstreamIdentity>
  readonly allowPrivate: boolean
}

const maxBytes = 256 * 1024
const timeoutSeconds = 10

/** A server that knows OAuth 2 but not OpenID Connect: who somebody is, an API of its own says. */
export function createOAuth2Upstream(settings: OAuth2Settings, outbound: OutboundClient): Upstream {
  const { name, label, rules, issuer, authorize, token, clientId, auth, scopes, allowPrivate } = settings
  const metadata = { issuer: issuer ?? authorize, authorization_endpoint: authorize, token_endpoint: token }
  const config = new Configuration(metadata, clientId, undefined, auth)
  config[customFetch] = createGuardedFetch(outbound, allowPrivate)
  config.timeout = timeoutSeconds
  if (token.startsWith('http:')) allowInsecureRequests(config)

  const createAsk =
    (accessToken: string): Ask =>
    (url) =>
      outbound.json(url, {
        headers: [
          ['authorization', `Bearer ${accessToken}`],
          ['user-agent', 'portcullis'],
        ],
        allowPrivate,
        allowHttp: url.startsWith('http:'),
        maxBytes,
      })

  async function redeem({ state, verifier, redirectUri, fresh }: UpstreamRequest, answer: URLSearchParams) {
    checkFreshness(fresh, null)
    const url = new URL(redirectUri)
    url.search = answer.toString()
    if (issuer === null) url.searchParams.delete('iss')
    const tokens = await authorizationCodeGrant(config, url, { expectedState: state, pkceCodeVerifier: verifier })
    return settings.identify(createAsk(tokens.access_token), tokens.access_token)
  }

  return {
    name,
    label,
    rules,
    tellsTime: false,
    async begin({ state, verifier, redirectUri }) {
      return buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
    },
    redeem: (request, answer) =>
      redeem(request, answer).catch((error: unknown) => {
        throw toUpstreamError(error)
      }),
  }
}
