import { BoundedCache } from '../../core/bounded-cache.ts'
import type { Identified } from '../../core/decision.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import type { VerificationKey } from '../../crypto/tokens/verification-key.ts'
import type { Revocable } from '../revocation-check.ts'
import type { Issuer } from './issuer.ts'

/** What a verification found out, and what must still hold for it to be believed again. */
export interface VerifiedToken extends Revocable {
  readonly identified: Identified
  readonly issuer: Issuer
  readonly key: VerificationKey
  /** Epoch milliseconds, without tolerance. */
  readonly expiresAt: number
}

const maxEntries = 20_000
/** With one byte per character, at most 32 MiB of tokens. */
const maxKeyLength = 32 * 1024 * 1024
/** Of its signature: enough to tell tokens apart, and a tenth of what there would be to hash. */
const endLength = 64

interface Remembered {
  readonly bearer: string
  readonly token: VerifiedToken
}

/**
 * Remembers verified tokens with their whole text, so that a hit is one synchronous look-up: by the end of the text, then
 * all of it is compared. An entry is used only while
 * its token lives, its key is published and its issuer's keys may be used. Whether it was revoked since is found out
 * apart from that, because no signature has to be verified again for it.
 */
export class VerifiedTokens {
  readonly #cache = new BoundedCache<Remembered>({
    maxEntries,
    maxKeyLength,
    lengthOf: (_, { bearer }) => bearer.length,
  })
  hits = 0
  misses = 0

  get size(): number {
    return this.#cache.size
  }

  /** @param bearer the canonical field value, `Bearer ` and the token */
  find(bearer: string, issuers: ReadonlySet<Issuer>, now: number): VerifiedToken | null {
    const end = bearer.slice(-endLength)
    const found = this.#cache.get(end)
    if (found === undefined || found.bearer !== bearer) return null
    const { token } = found
    if (!issuers.has(token.issuer)) return null
    if (hasEnded(token, now)) {
      this.#cache.delete(end)
      return null
    }
    if (!token.issuer.keys.usable(now)) return null
    this.hits++
    return token
  }

  add(bearer: string, token: VerifiedToken): void {
    this.#cache.set(bearer.slice(-endLength), { bearer, token })
  }
}

/** Whether a token that was verified will never be believed again, revocations apart. */
export function hasEnded(token: VerifiedToken, now: number): boolean {
  return now >= token.expiresAt || token.key.retired
}

/** Makes the cache of a worker, with its metrics. */
export function createVerifiedTokens({ meter }: Pick<PolicyDeps, 'meter'>): VerifiedTokens {
  const tokens = new VerifiedTokens()
  meter.gauge('portcullis_jwt_verified_tokens', 'Verified tokens that are remembered', () => tokens.size)
  meter.total(
    'portcullis_jwt_verified_token_hits_total',
    'Tokens that did not have to be verified again',
    () => tokens.hits,
  )
  meter.total('portcullis_jwt_verified_token_misses_total', 'Tokens that had to be verified', () => tokens.misses)
  return tokens
}
