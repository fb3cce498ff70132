import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from 'openid-client'
import type { OutboundClient } from '../../outbound/outbound.ts'
import { checkAccessTokenHash } from './access-token-hash.ts'
import { checkFreshness, toParameters } from './freshness.ts'
import { createGuardedFetch } from './guarded-fetch.ts'
import type { RoleRule } from './options.ts'
import { isTrue, readClaim, toSubject, toText } from './read-claims.ts'
import { toUpstreamError } from './to-upstream-error.ts'
import { type Upstream, UpstreamError, type UpstreamIdentity, type UpstreamRequest } from './upstream.ts'

export interface OidcSettings {
  readonly name: string
  readonly label: string
  readonly rules: readonly RoleRule[]
  /** Where its metadata are found; it must call itself so. */
  readonly issuer: string
  readonly clientId: string
  readonly auth: ClientAuth
  readonly scopes: readonly string[]
  /** Further parameters of the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Claims that are not in its ID tokens are asked for. */
  readonly userinfo: boolean
  /** Which claim says that the address is verified. */
  readonly verifiedBy?: string
  readonly allowPrivate: boolean
}

type Claims = Readonly<Record<string, unknown>>

/** Metadata are read anew after so long, so that a server may move its endpoints. */
const knownForMs = 3_600_000
const timeoutSeconds = 10

export function createOidcUpstream(settings: OidcSettings, outbound: OutboundClient, now: () => number): Upstream {
  const { name, label, rules, clientId, auth, scopes, parameters = {} } = settings
  let known: { readonly config: Promise<Configuration>; readonly at: number } | null = null

  function discover(): Promise<Configuration> {
    if (known !== null && now() - known.at < knownForMs) return known.config
    const server = new URL(settings.issuer)
    const execute = [enableNonRepudiationChecks, ...(server.protocol === 'http:' ? [allowInsecureRequests] : [])]
    const fetch = createGuardedFetch(outbound, settings.allowPrivate)
    const config = discovery(server, clientId, undefined, auth, {
      [customFetch]: fetch,
      execute,
      timeout: timeoutSeconds,
    })
    const found = { config, at: now() }
    known = found
    // The next person asks again.
    config.catch(() => {
      if (known === found) known = null
    })
    return config
  }

  async function readMore(config: Configuration, accessToken: string, claims: Claims): Promise<Claims> {
    const isComplete = ['email', ...rules.map(({ claim }) => claim)].every(
      (one) => readClaim(claims, one) !== undefined,
    )
    if (isComplete || !settings.userinfo || config.serverMetadata().userinfo_endpoint === undefined) return claims
    const more = await fetchUserInfo(config, accessToken, claims.sub as string)
    // An address and what is said of it come from one place.
    const { email: _, email_verified: __, ...rest } = more
    return { ...(claims.email === undefined ? more : rest), ...claims }
  }

  async function redeem({ state, nonce, verifier, redirectUri, fresh }: UpstreamRequest, answer: URLSearchParams) {
    const config = await discover()
    const url = new URL(redirectUri)
    url.search = answer.toString()
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
    const tokens = await authorizationCodeGrant(config, url, checks)
    const claims = tokens.claims() as Claims
    checkAccessTokenHash(tokens.id_token as string, tokens.access_token, claims.at_hash)
    checkFreshness(fresh, toAuthTime(claims))
    return toIdentity(await readMore(config, tokens.access_token, claims), settings.verifiedBy ?? 'email_verified')
  }

  return {
    name,
    label,
    rules,
    tellsTime: true,
    async begin({ state, nonce, verifier, redirectUri, fresh }) {
      try {
        return buildAuthorizationUrl(await discover(), {
          ...parameters,
          ...toParameters(fresh),
          redirect_uri: redirectUri,
          scope: scopes.join(' '),
          state,
          nonce,
          code_challenge: await calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        })
      } catch (error) {
        throw toUpstreamError(error)
      }
    },
    redeem: (request, answer) =>
      redeem(request, answer).catch((error: unknown) => {
        throw toUpstreamError(error)
      }),
  }
}

function toIdentity(claims: Claims, verifiedBy: string): UpstreamIdentity {
  const subject = toSubject(claims.sub)
  if (subject === null || typeof claims.iss !== 'string')
    throw new UpstreamError('failed', 'it did not say who this is')
  return {
    issuer: claims.iss,
    subject,
    email: toText(claims.email, 254),
    emailVerified: isTrue(claims[verifiedBy]),
    name: toText(claims.name, 200),
    authenticatedAt: toAuthTime(claims),
    claims,
  }
}

function toAuthTime({ auth_time: seconds }: Claims): number | null {
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null
}
