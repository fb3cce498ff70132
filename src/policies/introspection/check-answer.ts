import type { Confirmation } from '../../core/principal.ts'
import type { JsonObject } from '../../crypto/tokens/unique-json.ts'
import { parseConfirmation } from '../confirmation.ts'
import type { IntrospectionFailure } from './codes.ts'

export interface AnswerRules {
  readonly issuer: string
  readonly audience: readonly string[] | undefined
  readonly clockToleranceMs: number
}

export interface ActiveToken {
  /** With a subject, which is the client itself for tokens without a user. */
  readonly claims: JsonObject
  readonly confirmation: Confirmation | null
  /** Epoch milliseconds, without tolerance; null where the answer does not say. */
  readonly expiresAt: number | null
}

const maxNumericDate = 253_402_300_799
const accessTypes = new Set(['bearer', 'dpop', 'access_token'])

/** Judges an answer (RFC 7662 section 2.2) at one point of time. Throws where it is none. */
export function checkAnswer(answer: unknown, rules: AnswerRules, now: number): ActiveToken | IntrospectionFailure {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new Error('its answer is no object')
  const claims = answer as JsonObject
  if (typeof claims.active !== 'boolean') throw new Error('its answer does not say whether the token is active')
  if (!claims.active) return 'introspection_inactive'
  const { iss, aud, exp, nbf, iat, cnf, sub, client_id: clientId } = claims
  if (iss !== undefined && iss !== rules.issuer) return 'introspection_issuer'
  if (rules.audience !== undefined && ![aud].flat().some((each) => rules.audience?.includes(each as string))) {
    return 'introspection_audience'
  }
  if (![exp, nbf, iat].every(isTime)) return 'introspection_claims'
  if (exp !== undefined && now >= (exp as number) * 1000 + rules.clockToleranceMs) return 'introspection_time'
  if (nbf !== undefined && now < (nbf as number) * 1000 - rules.clockToleranceMs) return 'introspection_time'
  if (!isAccessToken(claims)) return 'introspection_type'
  const confirmation = parseConfirmation(cnf)
  if (confirmation === 'unusable') return 'introspection_bound'
  // A server that says DPoP and not which key has left out what must be checked.
  if (isType(claims.token_type, 'dpop') && confirmation?.keyThumbprint == null) return 'introspection_unbound'
  return {
    claims: { ...claims, sub: sub ?? clientId },
    confirmation,
    expiresAt: exp === undefined ? null : (exp as number) * 1000,
  }
}

function isTime(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= maxNumericDate)
}

/** A refresh token must not open an API. Servers tell them apart by one of these, or by neither. */
function isAccessToken({ token_type: type, token_use: use }: JsonObject): boolean {
  if (use !== undefined && !isType(use, 'access_token') && !isType(use, 'access')) return false
  return type === undefined || (typeof type === 'string' && accessTypes.has(type.toLowerCase()))
}

function isType(value: unknown, type: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === type
}
