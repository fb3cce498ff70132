import { identified } from '../../core/decision.ts'
import type { Algorithm } from '../../crypto/tokens/algorithms.ts'
import { type CompactToken, parseCompactToken, type Unreadable } from '../../crypto/tokens/compact-token.ts'
import { isSignedBy } from '../../crypto/tokens/is-signed-by.ts'
import type { VerificationKey } from '../../crypto/tokens/verification-key.ts'
import { mustBeBound, toPrincipal } from '../claims-principal.ts'
import { toRevocable } from '../revocable-token.ts'
import { neverChecked } from '../revocation-check.ts'
import { type ClaimFailure, checkClaims } from './claims-check.ts'
import type { Issuer } from './issuer.ts'
import { selectKeys } from './key-set.ts'
import type { VerifiedToken } from './verified-tokens.ts'

/** Why a token identifies nobody. */
export interface TokenFailure {
  readonly code:
    | Unreadable['unreadable']
    | ClaimFailure
    | 'token_issuer'
    | 'token_algorithm'
    | 'token_type'
    | 'token_key_unknown'
    | 'token_signature'
    | 'token_unbound'
    | 'dependency_down'
  /** For the log; holds nothing of the token that its sender could have chosen at length. */
  readonly detail: string
}

export interface Verification {
  readonly issuers: ReadonlySet<Issuer>
  readonly now: () => number
}

/**
 * Verifies a token from the beginning. What costs little is judged first, so that a flood of bad tokens costs no
 * signature checks; nothing is believed before the signature holds.
 */
export async function verifyToken(text: string, verification: Verification): Promise<VerifiedToken | TokenFailure> {
  const token = parseCompactToken(text)
  if ('unreadable' in token) return failure(token.unreadable, token.detail)

  const issuer = findIssuer(token, verification.issuers)
  if ('code' in issuer) return issuer

  const algorithm = issuer.algorithms.find((allowed) => allowed === token.algorithm)
  if (algorithm === undefined) return failure('token_algorithm', `${issuer.name} does not allow it`)
  if (!issuer.types.includes(token.type ?? 'absent')) return failure('token_type', `${issuer.name} does not allow it`)

  const lifetime = checkClaims(token.claims, issuer.rules, verification.now())
  if (typeof lifetime === 'string') return failure(lifetime, issuer.name)

  const keys = await findKeys(token, algorithm, issuer, verification.now)
  if ('code' in keys) return keys
  const key = await findSigner(token, algorithm, keys)
  if (key === null) return failure('token_signature', issuer.name)

  const { expiresAt, confirmation } = lifetime
  if (confirmation === null && mustBeBound(token.claims, issuer.mapping)) return failure('token_unbound', issuer.name)
  // One content may have several good signatures, and none of them must save it from a revocation.
  const content = text.slice(0, text.lastIndexOf('.'))
  const origin = { policy: 'jwt', issuer: issuer.issuer, token: content, confirmation, expiresAt }
  const principal = toPrincipal(token.claims, issuer.mapping, origin)
  if (principal === null) return failure('token_claims', `${issuer.name}: subject, roles, scopes or tenant`)
  return {
    identified: identified(principal),
    issuer,
    key,
    expiresAt,
    revocable: toRevocable(principal, token.claims, issuer.rules.clockToleranceMs),
    checkedAt: neverChecked,
    revoked: null,
  }
}

/** The claim chooses among configured issuers only. Several may share one `iss`; then the audience decides. */
function findIssuer({ claims }: CompactToken, issuers: ReadonlySet<Issuer>): Issuer | TokenFailure {
  let found: Issuer | null = null
  for (const issuer of issuers) {
    if (issuer.issuer !== claims.iss) continue
    found = issuer
    if ([claims.aud].flat().some((aud) => issuer.rules.audience.includes(aud as string))) break
  }
  return found ?? failure('token_issuer', 'no issuer of this route')
}

async function findKeys(
  token: CompactToken,
  algorithm: Algorithm,
  issuer: Issuer,
  now: () => number,
): Promise<readonly VerificationKey[] | TokenFailure> {
  const source = issuer.keys
  if (!source.usable(now()) && !(await source.becomeUsable(now()))) {
    return failure('dependency_down', `the keys of ${issuer.name} cannot be fetched`)
  }
  const keys = selectKeys(source.keys, token.keyId, algorithm)
  if (keys.length > 0) return keys
  await source.refreshForUnknown(now())
  const refreshed = selectKeys(source.keys, token.keyId, algorithm)
  return refreshed.length > 0 ? refreshed : failure('token_key_unknown', issuer.name)
}

async function findSigner(
  token: CompactToken,
  algorithm: Algorithm,
  keys: readonly VerificationKey[],
): Promise<VerificationKey | null> {
  for (const key of keys) {
    if (await isSignedBy(token.text, algorithm, key)) return key
  }
  return null
}

function failure(code: TokenFailure['code'], detail: string): TokenFailure {
  return { code, detail }
}
