import { BoundedCache } from '../../core/bounded-cache.ts'
import type { Identified } from '../../core/decision.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import type { Provide } from '../../core/ports.ts'
import { type ChangeEpoch, changeEpochPort } from '../../stores/ports/change-log.ts'
import type { Issuer } from './issuer.ts'
import type { VerificationKey } from './verification-key.ts'

/** What a verification found out, and what must still hold for it to be believed again. */
export interface VerifiedToken {
  readonly identified: Identified
  readonly issuer: Issuer
  readonly key: VerificationKey
  /** Epoch milliseconds, without tolerance. */
  readonly expiresAt: number
  /** Of the time before the verification began. */
  readonly epoch: number
}

const maxEntries = 20_000
/** With one byte per character, at most 32 MiB of tokens. */
const maxKeyLength = 32 * 1024 * 1024

/**
 * Remembers verified tokens by their whole text, so that a hit is one synchronous look-up. An entry is used only while
 * its token lives, its key is published, its issuer's keys may be used, and nothing was revoked since.
 */
export class VerifiedTokens {
  readonly #cache = new BoundedCache<VerifiedToken>({ maxEntries, maxKeyLength })
  readonly #epoch: ChangeEpoch | null
  hits = 0
  misses = 0

  constructor(epoch: ChangeEpoch | null) {
    this.#epoch = epoch
  }

  get size(): number {
    return this.#cache.size
  }

  /** What a verification that begins now is to be stored under. */
  currentEpoch(): number {
    return this.#epoch === null ? 0 : this.#epoch.current()
  }

  /** @param bearer the canonical field value, `Bearer ` and the token */
  find(bearer: string, issuers: ReadonlySet<Issuer>, now: number): VerifiedToken | null {
    const token = this.#cache.get(bearer)
    if (token === undefined || !issuers.has(token.issuer)) return null
    if (now >= token.expiresAt || token.key.retired || token.epoch !== this.currentEpoch()) {
      this.#cache.delete(bearer)
      return null
    }
    if (this.#epoch !== null && !this.#epoch.readable()) return null
    if (!token.issuer.keys.usable(now)) return null
    this.hits++
    return token
  }

  add(bearer: string, token: VerifiedToken): void {
    this.#cache.set(bearer, token)
  }
}

/** Makes the cache of a worker, with its metrics; what a revocation changes is asked of the change log where there is one. */
export function createVerifiedTokens({ provide, meter }: Pick<PolicyDeps, 'provide' | 'meter'>): VerifiedTokens {
  const tokens = new VerifiedTokens(findChangeEpoch(provide))
  meter.gauge('portcullis_jwt_verified_tokens', 'Verified tokens that are remembered', () => tokens.size)
  meter.total(
    'portcullis_jwt_verified_token_hits_total',
    'Tokens that did not have to be verified again',
    () => tokens.hits,
  )
  meter.total('portcullis_jwt_verified_token_misses_total', 'Tokens that had to be verified', () => tokens.misses)
  return tokens
}

/** An application that embeds the pipeline without a store has no change log, and nothing that could be revoked. */
function findChangeEpoch(provide: Provide): ChangeEpoch | null {
  try {
    return provide(changeEpochPort)
  } catch {
    return null
  }
}
