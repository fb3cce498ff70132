import { hash } from 'node:crypto'
import { BoundedCache } from '../../core/bounded-cache.ts'
import { type Identified, identified } from '../../core/decision.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import { type OutboundClient, outboundPort } from '../../outbound/outbound.ts'
import { toClaimMapping } from '../claim-mapping.ts'
import { mustBeBound, toPrincipal } from '../claims-principal.ts'
import { discoverUrl } from '../discovery.ts'
import { toRevocable } from '../revocable-token.ts'
import { neverChecked, type Revocable } from '../revocation-check.ts'
import { BoundedWork } from './bounded-work.ts'
import { checkAnswer } from './check-answer.ts'
import type { ProveClient } from './client-authentication.ts'
import type { IntrospectionFailure } from './codes.ts'
import type { IntrospectionOptions } from './options.ts'

/** What the issuer said of a token that is good. */
export interface KnownToken extends Revocable {
  readonly identified: Identified
  /** Epoch milliseconds. */
  readonly askedAt: number
  readonly expiresAt: number
}

/** What the issuer said of one that is not. */
export interface RefusedToken {
  readonly code: IntrospectionFailure
  readonly askedAt: number
}

const maxTokens = 20_000
const maxAnswerBytes = 64 * 1024
/** For each question that is open, so many may wait. */
const waitingRatio = 8

/**
 * Asks the issuer about tokens and remembers what it said, by a digest of the token. Requests with one token share one
 * question; tokens that are not good have a place of their own, so that guesses drive no good one out.
 */
export class KnownTokens {
  readonly #good = new BoundedCache<KnownToken>({ maxEntries: maxTokens })
  readonly #bad = new BoundedCache<RefusedToken>({ maxEntries: maxTokens })
  readonly #asking = new Map<string, Promise<KnownToken | RefusedToken>>()
  readonly #work: BoundedWork
  readonly #ask: (token: string) => Promise<unknown>
  readonly #options: IntrospectionOptions
  readonly #now: () => number
  readonly #mapping
  readonly #rules
  readonly counts = { asked: 0, failed: 0, hits: 0 }

  constructor(
    options: IntrospectionOptions,
    prove: ProveClient,
    { provide, now }: Pick<PolicyDeps, 'provide' | 'now'>,
  ) {
    this.#options = options
    this.#now = now
    this.#mapping = toClaimMapping(options)
    this.#rules = {
      issuer: options.issuer,
      audience: options.audience,
      clockToleranceMs: options.clockTolerance,
    }
    this.#work = new BoundedWork(options.maxConcurrent, options.maxConcurrent * waitingRatio)
    this.#ask = createQuestion(options, prove, provide(outboundPort), now)
  }

  get size(): number {
    return this.#good.size + this.#bad.size
  }

  /** Synchronous where an answer is at hand. Rejects where there is none and the issuer gives none. */
  find(token: string): KnownToken | RefusedToken | Promise<KnownToken | RefusedToken> {
    const digest = hash('sha256', token, 'base64url')
    const { lifetime, negativeLifetime } = this.#options
    const known = this.#good.get(digest) ?? this.#bad.get(digest)
    if (known !== undefined && this.#isUsable(known, 'code' in known ? negativeLifetime : lifetime)) {
      this.counts.hits++
      return known
    }
    let asking = this.#asking.get(digest)
    if (asking === undefined) {
      asking = this.#learn(token, digest).finally(() => this.#asking.delete(digest))
      this.#asking.set(digest, asking)
    }
    return asking
  }

  /** A clock that was set back makes no answer young again. */
  #isUsable(token: KnownToken | RefusedToken, lifetimeMs: number): boolean {
    const age = this.#now() - token.askedAt
    return age >= 0 && age < lifetimeMs && ('code' in token || this.#now() < token.expiresAt)
  }

  async #learn(token: string, digest: string): Promise<KnownToken | RefusedToken> {
    try {
      return await this.#work.run(async () => {
        const askedAt = this.#now()
        this.counts.asked++
        return this.#remember(token, digest, await this.#ask(token), askedAt)
      })
    } catch (error) {
      this.counts.failed++
      const { onFailure, lifetime, maxStale } = this.#options
      const stale = onFailure === 'cached' ? this.#good.get(digest) : undefined
      if (stale !== undefined && this.#isUsable(stale, lifetime + maxStale)) return stale
      throw error
    }
  }

  #remember(token: string, digest: string, answer: unknown, askedAt: number): KnownToken | RefusedToken {
    const judged = this.#judge(token, answer, askedAt)
    this.#good.delete(digest)
    this.#bad.delete(digest)
    if ('code' in judged) this.#bad.set(digest, judged)
    else this.#good.set(digest, judged)
    return judged
  }

  #judge(token: string, answer: unknown, askedAt: number): KnownToken | RefusedToken {
    const checked = checkAnswer(answer, this.#rules, this.#now())
    if (typeof checked === 'string') return { code: checked, askedAt }
    const { claims, confirmation, expiresAt } = checked
    if (confirmation === null && mustBeBound(claims, this.#mapping)) return { code: 'introspection_unbound', askedAt }
    const origin = { policy: 'introspection', issuer: this.#rules.issuer, token, confirmation, expiresAt }
    const principal = toPrincipal(claims, this.#mapping, origin)
    if (principal === null) return { code: 'introspection_claims', askedAt }
    return {
      identified: identified(principal),
      askedAt,
      expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
      revocable: toRevocable(principal, claims, this.#rules.clockToleranceMs),
      checkedAt: neverChecked,
      revoked: null,
    }
  }
}

function createQuestion(
  options: IntrospectionOptions,
  prove: ProveClient,
  client: OutboundClient,
  now: () => number,
): (token: string) => Promise<unknown> {
  const request = {
    allowPrivate: options.allowPrivateAddress !== undefined,
    allowHttp: options.allowPlainHttp !== undefined,
    maxBytes: maxAnswerBytes,
    timeoutMs: options.timeout,
  }
  let discovered: string | null = null
  return async (token) => {
    const { headers, parameters } = await prove(now())
    discovered ??= options.endpoint ?? (await discoverUrl(client, options.issuer, 'introspection_endpoint', request))
    const body = new URLSearchParams({ token, token_type_hint: 'access_token', ...parameters }).toString()
    const form = ['content-type', 'application/x-www-form-urlencoded'] as const
    try {
      return await client.json(discovered, { ...request, method: 'POST', headers: [form, ...headers], body })
    } catch (error) {
      // The issuer may have moved: ask again the next time.
      discovered = null
      throw error
    }
  }
}
