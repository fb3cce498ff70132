import { hash } from 'node:crypto'
import type { Algorithm } from '../../crypto/tokens/algorithms.ts'
import { parseCompactToken } from '../../crypto/tokens/compact-token.ts'
import type { JsonObject } from '../../crypto/tokens/unique-json.ts'
import type { DpopFailure } from './codes.ts'
import type { MatchTarget, RequestTarget } from './target-uri.ts'
import { toThumbprint } from './thumbprint.ts'

export interface ProofRules {
  readonly algorithms: readonly Algorithm[]
  readonly maxAgeMs: number
  readonly clockToleranceMs: number
  readonly matches: MatchTarget
}

/** What a proof must be a proof of. */
export interface ProofSubject extends RequestTarget {
  readonly method: string
  readonly token: string
  /** The thumbprint of the key that the token is bound to. */
  readonly thumbprint: string
}

/** A proof in which everything fits but the signature, which was not looked at. */
export interface UnsignedProof {
  readonly algorithm: Algorithm
  readonly jwk: JsonObject
  readonly id: string
  readonly nonce: string | null
}

const maxIdLength = 256

/** Judges everything of a proof that costs little (RFC 9449 section 4.3); signature, nonce and replay come after it. */
export function checkProof(
  text: string,
  subject: ProofSubject,
  rules: ProofRules,
  now: number,
): UnsignedProof | DpopFailure {
  const proof = parseCompactToken(text)
  if ('unreadable' in proof || proof.type !== 'dpop+jwt') return 'dpop_malformed'
  const algorithm = rules.algorithms.find((allowed) => allowed === proof.algorithm)
  const { jwk } = proof.header
  if (algorithm === undefined || typeof jwk !== 'object' || jwk === null) return 'dpop_malformed'
  const { jti, htm, htu, iat, ath, nonce } = proof.claims
  if (typeof jti !== 'string' || jti === '' || jti.length > maxIdLength) return 'dpop_malformed'
  if (typeof htm !== 'string' || typeof htu !== 'string' || typeof iat !== 'number') return 'dpop_malformed'
  if (typeof ath !== 'string' || (nonce !== undefined && typeof nonce !== 'string')) return 'dpop_malformed'

  if (toThumbprint(jwk as JsonObject) !== subject.thumbprint) return 'dpop_key'
  if (htm !== subject.method || !rules.matches(htu, subject)) return 'dpop_target'
  const age = now - iat * 1000
  if (age > rules.maxAgeMs + rules.clockToleranceMs || age < -rules.clockToleranceMs) return 'dpop_time'
  if (ath !== hash('sha256', subject.token, 'base64url')) return 'dpop_token'
  return { algorithm, jwk: jwk as JsonObject, id: jti, nonce: nonce ?? null }
}
