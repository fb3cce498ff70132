import { setTimeout as sleep } from 'node:timers/promises'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { SessionStore } from '../../stores/ports/session-store.ts'
import { describeFailure, type IssuerClient, isInvalidGrant } from './issuer-client.ts'
import { type ToTokens, toTokens } from './to-tokens.ts'
import type { TokenVault } from './token-vault.ts'
import type { KnownTokens } from './tokens.ts'

/** `ended`: there will be none any more. `away`: the issuer, or who was to ask it, gave no answer. */
export type Refreshed = KnownTokens | 'ended' | 'away'

export interface RefresherDeps {
  readonly vault: TokenVault
  readonly client: IssuerClient
  readonly sessions: SessionStore
  readonly mapping: ToTokens
  readonly resource: string | undefined
  readonly now: () => number
  readonly log: PolicyLog
}

/** Ahead of its end an access token is renewed while it is still used: a fifth of its life, at most half a minute. */
const aheadRatio = 0.2
const maxAheadMs = 30_000
/** It must reach the upstream in time. */
const leastLeftMs = 300
/** For so long others are waited for; shorter than a policy may take. */
const maxWaitMs = 8000
const pollMs = 50
/** Between two attempts ahead of the end while the issuer is away. */
const retryMs = 5000
const maxFailures = 10_000

/** Renews access tokens: one request to the issuer for each, whatever the number of requests, threads and machines. */
export class Refresher {
  readonly #deps: RefresherDeps
  readonly #running = new Map<string, Promise<Refreshed>>()
  /** When refreshing failed last, by session. */
  readonly #failures = new Map<string, number>()
  readonly counts = { refreshed: 0, failed: 0, ended: 0 }

  constructor(deps: RefresherDeps) {
    this.#deps = deps
  }

  /** Tokens that can be used now: those at hand, or new ones. */
  use(session: string, known: KnownTokens): Refreshed | Promise<Refreshed> {
    const at = this.#deps.now()
    const { issuedAt, expiresAt, refreshToken } = known.tokens
    const aheadMs = Math.max(leastLeftMs, Math.min(maxAheadMs, (expiresAt - issuedAt) * aheadRatio))
    if (at < expiresAt - aheadMs) return known
    const lives = at < expiresAt - leastLeftMs
    if (refreshToken === null) return lives ? known : 'ended'
    if (!lives) return this.#refresh(session, known, true)
    // The one at hand is still good, so that nobody waits.
    if (at - (this.#failures.get(session) ?? Number.NEGATIVE_INFINITY) >= retryMs) {
      void this.#refresh(session, known, false)
    }
    return known
  }

  #refresh(session: string, known: KnownTokens, waits: boolean): Promise<Refreshed> {
    const key = `${session}:${known.tokens.generation}:${waits}`
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const started = this.#lead(session, known, waits)
      .catch((error: unknown): Refreshed => {
        this.#deps.log.warn('tokens_not_refreshed', { session, reason: describeFailure(error) })
        return 'away'
      })
      .finally(() => this.#running.delete(key))
    this.#running.set(key, started)
    return started
  }

  /** Whoever holds the lease asks the issuer; the others wait for what comes of it. */
  async #lead(session: string, known: KnownTokens, waits: boolean): Promise<Refreshed> {
    const { vault } = this.#deps
    const { generation } = known.tokens
    const giveUpAt = performance.now() + maxWaitMs
    for (;;) {
      if (await vault.lease(session, generation)) break
      const current = await vault.load(session)
      if (current === null) return 'ended'
      if (current.tokens.generation !== generation) return current
      if (!waits) return known
      if (performance.now() >= giveUpAt) return 'away'
      await sleep(pollMs)
    }
    // It may have been done between the look at the tokens and the lease.
    const current = await vault.load(session)
    if (current === null) return 'ended'
    return current.tokens.generation === generation ? this.#ask(session, current) : current
  }

  async #ask(session: string, known: KnownTokens): Promise<Refreshed> {
    const { tokens } = known
    const { vault, client, mapping, resource, now, log } = this.#deps
    try {
      const answer = await client.refresh(tokens.refreshToken as string, resource)
      const next = toTokens(answer, tokens, { now: now(), endsAt: tokens.endsAt }, mapping)
      if (next === null) return await this.end(session, 'the issuer speaks of somebody else')
      // A logout that came meanwhile has taken the tokens away: they must not be put back.
      if (!(await vault.replace(session, known, next))) {
        const current = await vault.load(session)
        if (current !== null) return current
        // Nobody holds it, and nobody shall.
        if (next.refreshToken !== null) await client.revoke(next.refreshToken).catch(() => {})
        return await this.end(session, 'it ended meanwhile')
      }
      this.#failures.delete(session)
      this.counts.refreshed++
      return (await this.#hasEnded(session)) ? await this.end(session, 'it ended meanwhile') : await this.#load(session)
    } catch (error) {
      if (isInvalidGrant(error)) return this.end(session, describeFailure(error))
      this.#noteFailure(session)
      await vault.release(session, tokens.generation)
      log.warn('tokens_not_refreshed', { session, reason: describeFailure(error) })
      return 'away'
    }
  }

  async #load(session: string): Promise<Refreshed> {
    return (await this.#deps.vault.load(session)) ?? 'ended'
  }

  /** A session that was revoked has tokens no longer, also where nobody has taken them away yet. */
  async #hasEnded(session: string): Promise<boolean> {
    const record = await this.#deps.sessions.find(session)
    return record === null || record.revokedAt !== null
  }

  /** Ends a session with its tokens. */
  async end(session: string, reason: string): Promise<'ended'> {
    const { vault, sessions, now, log } = this.#deps
    await vault.remove(session)
    await sessions.revoke(session, now())
    this.counts.ended++
    log.info('login_ended', { session, reason })
    return 'ended'
  }

  #noteFailure(session: string): void {
    this.counts.failed++
    if (this.#failures.size >= maxFailures) this.#failures.clear()
    this.#failures.set(session, this.#deps.now())
  }
}
