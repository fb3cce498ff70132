import { digestSecret } from '../../crypto/digest.ts'
import { looksLikeToken, parseCompactToken } from '../../crypto/tokens/compact-token.ts'
import type { JsonObject } from '../../crypto/tokens/unique-json.ts'
import type { SessionCaller } from '../../stores/ports/session-store.ts'
import type { ClaimMapping } from '../claim-mapping.ts'
import { toPrincipal } from '../claims-principal.ts'
import type { Demands } from './demands.ts'
import type { TokenAnswer } from './issuer-client.ts'
import type { Tokens } from './tokens.ts'

/** Where the issuer does not say how long its access tokens live. */
const assumedLifetimeMs = 300_000
const usualToleranceMs = 30_000

export interface ToTokens {
  readonly issuer: string
  readonly isOwn: boolean
  readonly mapping: ClaimMapping
  /** Claims of the ID token that pages are told. */
  readonly tells: readonly string[]
}

/**
 * What is kept of an answer of the token endpoint.
 * @param before what it takes the place of; null at the login
 * @returns null where it does not say of whom it speaks, or of somebody else than before
 */
export function toTokens(
  answer: TokenAnswer,
  before: Tokens | null,
  { now, endsAt, asked = {} }: { readonly now: number; readonly endsAt: number; readonly asked?: Demands },
  { issuer, isOwn, mapping, tells }: ToTokens,
): Tokens | null {
  const idToken = answer.idToken ?? before?.idToken
  const identity = readClaims(idToken)
  if (idToken === undefined || identity === null) return null
  const access = readClaims(answer.accessToken) ?? {}
  const scope = answer.scope ?? access.scope
  // Who it is, the ID token says; what may be done, mostly the access token.
  const claims: JsonObject = { ...access, ...identity, ...(scope !== undefined && { scope }) }
  const authenticatedAt = typeof claims.auth_time === 'number' ? Math.min(claims.auth_time * 1000, now) : null
  const caller = toCaller(claims, mapping, issuer, authenticatedAt ?? now)
  if (caller === null || (before !== null && caller.id !== before.caller.id)) return null
  const sid = typeof access.sid === 'string' ? access.sid : null
  const outerSid = typeof identity.sid === 'string' ? identity.sid : null
  return {
    generation: (before?.generation ?? 0) + 1,
    caller: before === null ? caller : { ...caller, authenticatedAt: before.caller.authenticatedAt },
    login: before?.login ?? { at: now, authenticatedAt, asked },
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken ?? before?.refreshToken ?? null,
    idToken,
    issuedAt: now,
    expiresAt: now + (answer.lifetimeMs ?? assumedLifetimeMs),
    endsAt,
    revocable: {
      issuer,
      tokenId: typeof access.jti === 'string' ? access.jti : digestSecret(answer.accessToken),
      sessionId: sid ?? outerSid,
      subject: caller.id,
      issuedAt: typeof access.iat === 'number' ? access.iat * 1000 - (isOwn ? 0 : usualToleranceMs) : now,
    },
    grant: isOwn ? sid : outerSid === null ? null : toSessionName(issuer, outerSid),
    account: isOwn ? digestSecret(caller.id) : null,
    keptBeside: isOwn && !looksLikeToken(`Bearer ${answer.accessToken}`),
    told: Object.fromEntries(tells.flatMap((name) => (identity[name] === undefined ? [] : [[name, identity[name]]]))),
  }
}

/** What the sessions of a login at another issuer are found by (OpenID Connect Back-Channel Logout). */
export function toSessionName(issuer: string, sid: string): string {
  return digestSecret(JSON.stringify(['browser-login', issuer, sid]))
}

function toCaller(
  claims: JsonObject,
  mapping: ClaimMapping,
  issuer: string,
  authenticatedAt: number,
): SessionCaller | null {
  const origin = { policy: 'browser-login', issuer, token: '', confirmation: null, expiresAt: null }
  const principal = toPrincipal(claims, mapping, origin)
  if (principal === null) return null
  const { id, tenant, roles, scopes, attributes, assurance } = principal
  return { id, kind: 'user', issuer, tenant, roles, scopes, attributes, assurance, authenticatedAt }
}

/** They came from the issuer itself; those of the ID token were verified on the way in. */
function readClaims(text: string | undefined): JsonObject | null {
  if (text === undefined) return null
  const token = parseCompactToken(text)
  return 'unreadable' in token ? null : token.claims
}
