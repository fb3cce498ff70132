import type { Confirmation } from '../../core/principal.ts'
import type { JsonObject } from '../../crypto/tokens/unique-json.ts'
import { parseConfirmation } from '../confirmation.ts'

/** What an issuer's claims are measured against. */
export interface ClaimRules {
  readonly audience: readonly string[]
  readonly clockToleranceMs: number
  readonly maxTokenAgeMs: number | null
}

export type ClaimFailure =
  | 'token_claims'
  | 'token_audience'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_too_old'
  | 'token_bound'

export interface Lifetime {
  /** Epoch milliseconds after which the token says nothing any more, without tolerance. */
  readonly expiresAt: number
  readonly confirmation: Confirmation | null
}

/** The last second of the year 9999; what lies beyond was not meant as seconds. */
const maxNumericDate = 253_402_300_799

/** Judges the registered claims (RFC 7519 section 4.1) at one point of time. `iss` was judged before. */
export function checkClaims(claims: JsonObject, rules: ClaimRules, now: number): Lifetime | ClaimFailure {
  const { aud, exp, nbf, iat, cnf } = claims
  if (!isNumericDate(exp)) return 'token_claims'
  if (nbf !== undefined && !isNumericDate(nbf)) return 'token_claims'
  if (iat !== undefined && !isNumericDate(iat)) return 'token_claims'
  if (!isForUs(aud, rules.audience)) return 'token_audience'
  const tolerance = rules.clockToleranceMs
  if (now >= exp * 1000 + tolerance) return 'token_expired'
  if (nbf !== undefined && now < nbf * 1000 - tolerance) return 'token_not_yet_valid'
  if (iat !== undefined && now < iat * 1000 - tolerance) return 'token_not_yet_valid'
  const confirmation = parseConfirmation(cnf)
  if (confirmation === 'unusable') return 'token_bound'
  if (rules.maxTokenAgeMs === null) return { expiresAt: exp * 1000, confirmation }
  if (iat === undefined) return 'token_claims'
  const oldest = iat * 1000 + rules.maxTokenAgeMs
  return now >= oldest + tolerance ? 'token_too_old' : { expiresAt: Math.min(exp * 1000, oldest), confirmation }
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= maxNumericDate
}

function isForUs(aud: unknown, wanted: readonly string[]): boolean {
  if (typeof aud === 'string') return wanted.includes(aud)
  return Array.isArray(aud) && aud.some((each) => wanted.includes(each))
}
