import { defaultAlgorithms } from '../../crypto/tokens/algorithms.ts'
import { parseCompactToken } from '../../crypto/tokens/compact-token.ts'
import { isSignedBy } from '../../crypto/tokens/is-signed-by.ts'
import type { JsonObject } from '../../crypto/tokens/unique-json.ts'
import type { VerificationKey } from '../../crypto/tokens/verification-key.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'
const types = [null, 'jwt', 'logout+jwt']
const maxAgeMs = 600_000
const toleranceMs = 60_000
/** Keys that one token may make us try. */
const maxCandidates = 4

export interface LogoutTokenRules {
  readonly issuer: string
  readonly clientId: string
  readonly now: number
  /** Those of the issuer, asked for once everything else holds. */
  readonly keys: () => Promise<readonly VerificationKey[]>
}

/**
 * Reads a token by which an issuer ends a login (OpenID Connect Back-Channel Logout section 2.6).
 * @returns the `sid` of the login; null where the token is not good, or does not say which
 */
export async function readLogoutToken(text: string, rules: LogoutTokenRules): Promise<string | null> {
  const token = parseCompactToken(text)
  if ('unreadable' in token || !types.includes(token.type)) return null
  const sid = readSid(token.claims, rules)
  const algorithm = defaultAlgorithms.find((one) => one === token.algorithm)
  if (sid === null || algorithm === undefined) return null
  const fitting = (await rules.keys()).filter(
    ({ id, algorithms }) =>
      algorithms.includes(algorithm) && (id === null || token.keyId === null || id === token.keyId),
  )
  for (const key of fitting.slice(0, maxCandidates)) {
    if (await isSignedBy(token.text, algorithm, key)) return sid
  }
  return null
}

function readSid(claims: JsonObject, { issuer, clientId, now }: LogoutTokenRules): string | null {
  const { iss, aud, iat, exp, sid, events, nonce } = claims
  if (iss !== issuer || ![aud].flat().includes(clientId)) return null
  if (typeof iat !== 'number' || Math.abs(now - iat * 1000) > maxAgeMs) return null
  if (exp !== undefined && (typeof exp !== 'number' || now >= exp * 1000 + toleranceMs)) return null
  // An ID token has a nonce, and must not pass for one of these.
  if (nonce !== undefined || typeof (events as JsonObject | undefined)?.[event] !== 'object') return null
  return typeof sid === 'string' && sid !== '' && sid.length <= 256 ? sid : null
}
