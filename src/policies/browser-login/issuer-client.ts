import * as oidc from 'openid-client'
import type { FieldPairs } from '../../core/decision.ts'
import { defaultAlgorithms } from '../../crypto/tokens/algorithms.ts'
import { parseVerificationKey, type VerificationKey } from '../../crypto/tokens/verification-key.ts'
import type { OutboundClient } from '../../outbound/outbound.ts'
import type { OwnIssuer } from '../../outbound/own-issuer.ts'
import type { BrowserLoginOptions } from './options.ts'

/** An answer of the token endpoint, checked. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly idToken: string | undefined
  readonly scope: string | undefined
  readonly lifetimeMs: number | undefined
}

export interface IssuerClientOptions {
  readonly issuer: string
  readonly client: { readonly id: string; readonly secret: string; readonly method: 'basic' | 'post' }
  readonly timeoutMs: number
  readonly allowHttp: boolean
  /** Asks the issuer. */
  readonly fetch: oidc.CustomFetch
  readonly signedWith: 'ES256' | undefined
  readonly now: () => number
}

/** How long what an issuer says of itself is used. */
const maxAgeMs = 3_600_000
/** Whoever sends logout tokens makes us ask the issuer for its keys no more often, whether it answers or not. */
const keysForMs = 5000
/** More are no key set of an issuer. */
const maxKeys = 100

/** Portcullis as a client of an issuer. What the issuer says of itself is asked for at the first login. */
export class IssuerClient {
  readonly #options: IssuerClientOptions
  #keys: { readonly keys: Promise<readonly VerificationKey[]>; readonly at: number } | null = null
  #found: { readonly config: Promise<oidc.Configuration>; readonly at: number } | null = null

  constructor(options: IssuerClientOptions) {
    this.#options = options
  }

  get id(): string {
    return this.#options.client.id
  }

  /** The keys that the issuer signs with now. */
  keys(): Promise<readonly VerificationKey[]> {
    const at = this.#options.now()
    if (this.#keys === null || Math.abs(at - this.#keys.at) >= keysForMs) this.#keys = { keys: this.#fetchKeys(), at }
    return this.#keys.keys
  }

  async #fetchKeys(): Promise<readonly VerificationKey[]> {
    const { jwks_uri: url } = (await this.#config()).serverMetadata()
    if (url === undefined) throw new Error('it publishes no keys')
    const signal = AbortSignal.timeout(this.#options.timeoutMs)
    const asked = {
      method: 'GET',
      headers: { accept: 'application/json' },
      body: undefined,
      redirect: 'manual',
    } as const
    const answer = await this.#options.fetch(url, { ...asked, signal })
    const { keys } = (await answer.json()) as { keys?: unknown }
    const parsed = (Array.isArray(keys) ? keys : [])
      .slice(0, maxKeys)
      .map((key) => parseVerificationKey(key, defaultAlgorithms))
    return parsed.filter((key): key is VerificationKey => !('unusable' in key))
  }

  async toAuthorizeUrl(parameters: Readonly<Record<string, string>>): Promise<string> {
    return oidc.buildAuthorizationUrl(await this.#config(), { ...parameters }).href
  }

  /** Checks the answer (`state`, `iss`), redeems the code, and checks the ID token, its nonce and signature included. */
  async redeem(
    url: URL,
    checks: { readonly state: string; readonly verifier: string; readonly nonce: string },
    resource: string | undefined,
  ): Promise<TokenAnswer> {
    const { state: expectedState, verifier: pkceCodeVerifier, nonce: expectedNonce } = checks
    const all = { expectedState, pkceCodeVerifier, expectedNonce, idTokenExpected: true }
    return toAnswer(await oidc.authorizationCodeGrant(await this.#config(), url, all, toParameters(resource)))
  }

  async refresh(refreshToken: string, resource: string | undefined): Promise<TokenAnswer> {
    return toAnswer(await oidc.refreshTokenGrant(await this.#config(), refreshToken, toParameters(resource)))
  }

  /** Does nothing where the issuer has no endpoint for it. */
  async revoke(token: string): Promise<void> {
    const config = await this.#config()
    if (config.serverMetadata().revocation_endpoint !== undefined) await oidc.tokenRevocation(config, token)
  }

  /** Where the login at the issuer ends; null where it has no such page. */
  async toEndSessionUrl(parameters: Readonly<Record<string, string>>): Promise<string | null> {
    const config = await this.#config()
    if (config.serverMetadata().end_session_endpoint === undefined) return null
    return oidc.buildEndSessionUrl(config, { ...parameters }).href
  }

  #config(): Promise<oidc.Configuration> {
    const at = this.#options.now()
    if (this.#found !== null && at - this.#found.at < maxAgeMs) return this.#found.config
    const config = this.#discover()
    const found = { config, at }
    this.#found = found
    // The next one who needs it asks again.
    config.catch(() => {
      if (this.#found === found) this.#found = null
    })
    return config
  }

  #discover(): Promise<oidc.Configuration> {
    const { issuer, client, timeoutMs, allowHttp, fetch, signedWith } = this.#options
    const prove = client.method === 'basic' ? oidc.ClientSecretBasic : oidc.ClientSecretPost
    return oidc.discovery(
      new URL(issuer),
      client.id,
      signedWith === undefined ? undefined : { id_token_signed_response_alg: signedWith },
      prove(client.secret),
      {
        [oidc.customFetch]: fetch,
        timeout: timeoutMs / 1000,
        execute: [oidc.enableNonRepudiationChecks, ...(allowHttp ? [oidc.allowInsecureRequests] : [])],
      },
    )
  }
}

/** Whether the issuer said that a refresh token is worth nothing, rather than nothing at all. */
export function isInvalidGrant(error: unknown): boolean {
  return error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant'
}

/** What an issuer, or a check of its answer, objects to: for the log, without anything that came from outside at length. */
export function describeFailure(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return `${error.error}: ${(error.error_description ?? '').slice(0, 200)}`
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error.message}${cause}`.slice(0, 300)
}

/** Whether the person did not want to log in. */
export function isDenied(error: unknown): boolean {
  return error instanceof oidc.AuthorizationResponseError && error.error === 'access_denied'
}

/** Whether anything at all came from the issuer: if not, trying again may help. */
export function isAway(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500
  if (error instanceof oidc.AuthorizationResponseError) return false
  return error instanceof oidc.ClientError && (error.code === undefined || error.code === 'OAUTH_TIMEOUT')
}

/** A way to ask through the guarded client. */
export function fetchOutside(
  outbound: OutboundClient,
  { timeout, allowPrivateAddress, allowPlainHttp }: BrowserLoginOptions,
): oidc.CustomFetch {
  return async (url, { method, headers, body }) => {
    const answer = await outbound.request(url, {
      ...toRequest(method, headers, body),
      timeoutMs: timeout,
      allowPrivate: allowPrivateAddress !== undefined,
      allowHttp: allowPlainHttp !== undefined,
    })
    const fields = new Headers()
    const { flat } = answer.headers
    for (let i = 0; i < flat.length; i += 2) fields.append(flat[i] as string, flat[i + 1] as string)
    return new Response(Buffer.from(answer.body), { status: answer.status, headers: fields })
  }
}

/** A way to ask the identity server of this process. */
export function fetchInside(own: OwnIssuer): oidc.CustomFetch {
  return (url, { method, headers, body }) => own.request(url, toRequest(method, headers, body))
}

function toRequest(method: string, headers: Readonly<Record<string, string>>, body: unknown) {
  return {
    method: method === 'POST' ? ('POST' as const) : ('GET' as const),
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const) as FieldPairs,
    ...(body !== undefined && body !== null && { body: String(body) }),
  }
}

function toParameters(resource: string | undefined): Record<string, string> {
  return resource === undefined ? {} : { resource }
}

function toAnswer(answer: oidc.TokenEndpointResponse): TokenAnswer {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    idToken: answer.id_token,
    scope: answer.scope,
    lifetimeMs: answer.expires_in === undefined ? undefined : answer.expires_in * 1000,
  }
}
