import { FollowedCache } from '../core/followed-cache.ts'
import type { PolicyDeps } from '../core/policy.ts'
import { createSessionSecret } from '../crypto/session-secret.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import {
  type SessionCaller,
  type SessionStore,
  sessionLookupPort,
  sessionStorePort,
} from '../stores/ports/session-store.ts'
import { type KnownSession, prepareSession, touchResolution } from './known-session.ts'
import type { SessionSettings } from './sessions-block.ts'
import { createTouchBatch, type TouchBatch } from './touch-batch.ts'

const maxSessions = 20_000
const pruneEveryMs = 10 * 60_000
/** Ended sessions are shown for so long. */
const keptMs = 86_400_000
const maxUserAgent = 200

/** What is known of the browser that logged in, for people who look at their sessions. */
export interface ClientHints {
  readonly userAgent: string | null
  readonly address: string
}

/** Where the sessions of a worker are kept: both policies that deal with sessions share one. */
export class SessionDesk {
  readonly #settings: SessionSettings
  readonly #store: SessionStore
  readonly #deps: Pick<PolicyDeps, 'now' | 'log'>
  readonly #cache: FollowedCache<KnownSession>
  readonly #touches: TouchBatch
  #pruneAt = 0

  constructor(settings: SessionSettings, deps: PolicyDeps) {
    const { provide, now, log, meter } = deps
    const lookup = provide(sessionLookupPort)
    const prepare = (record: Parameters<typeof prepareSession>[0] | null) =>
      record === null ? null : prepareSession(record, settings)
    this.#settings = settings
    this.#deps = { now, log }
    this.#store = provide(sessionStorePort)
    this.#touches = createTouchBatch(this.#store, log)
    this.#cache = new FollowedCache({
      load(digest) {
        const found = lookup.find(digest)
        return found instanceof Promise ? found.then(prepare) : prepare(found)
      },
      epoch: provide(changeEpochPort),
      now,
      maxEntries: maxSessions,
    })
    const cache = this.#cache
    meter.gauge('portcullis_session_cached', 'Answers of the session store that are remembered', () => cache.size)
    meter.total('portcullis_session_cache_hits_total', 'Sessions that the store was not asked for', () => cache.hits)
    meter.total('portcullis_session_cache_misses_total', 'Sessions that the store was asked for', () => cache.misses)
  }

  /** Synchronous on a hit, and on a miss where the store is. Throws or rejects when the store cannot answer. */
  find(digest: string, lifetimeMs: number): KnownSession | null | Promise<KnownSession | null> {
    return this.#cache.find(digest, lifetimeMs)
  }

  /** Asks the store, whatever is remembered: another worker may have seen the session meanwhile. */
  load(digest: string): KnownSession | null | Promise<KnownSession | null> {
    return this.#cache.load(digest)
  }

  /** Notes that a session is used. */
  use(session: KnownSession, at: number): void {
    session.lastSeenAt = Math.max(session.lastSeenAt, at)
    if (at - session.touchedAt < touchResolution(session.idleMs)) return
    session.touchedAt = at
    this.#touches.add(session.record.digest, at)
  }

  /** Begins a session and returns what is to stand in its cookie. The secret is always new (ASVS v5.0.0-7.2.4). */
  async begin(caller: SessionCaller, hints: ClientHints): Promise<string> {
    const { idle, absolute, maxPerPrincipal } = this.#settings
    const createdAt = this.#deps.now()
    const { text, id, digest } = createSessionSecret()
    await this.#store.create({
      id,
      digest,
      caller,
      createdAt,
      idleMs: idle,
      endsAt: createdAt + absolute,
      userAgent: hints.userAgent?.replaceAll('\0', '').slice(0, maxUserAgent) ?? null,
      address: hints.address,
      maxPerPrincipal,
    })
    this.#deps.log.info('session_began', { session: id, principal: caller.id, issuer: caller.issuer })
    this.#prune(createdAt)
    return text
  }

  /** Gives a session a new secret; null where it has ended. The old one is worth nothing from here on. */
  async renew(digest: string, caller: SessionCaller | null): Promise<string | null> {
    const { text, id: newId, digest: newDigest } = createSessionSecret()
    const renewed = await this.#store.renew({ digest, newId, newDigest, caller, now: this.#deps.now() })
    this.#cache.forget(digest)
    if (renewed) this.#deps.log.info('session_renewed', { session: newId })
    return renewed ? text : null
  }

  /** Ends a session at once; what has ended before stays so. */
  async end(digest: string, id: string): Promise<void> {
    await this.#store.revoke(id, this.#deps.now())
    this.#cache.forget(digest)
    this.#deps.log.info('session_ended', { session: id })
  }

  close(): void {
    this.#touches.flush()
  }

  /** Rows come with logins, so that is when old ones go. */
  #prune(now: number): void {
    if (now < this.#pruneAt) return
    this.#pruneAt = now + pruneEveryMs
    this.#store.prune(now - keptMs).catch((error: unknown) => this.#deps.log.warn('sessions_not_pruned', { error }))
  }
}

/** One desk for each worker and settings. */
export function openDesk(settings: SessionSettings, deps: PolicyDeps): SessionDesk {
  return deps.shared(
    `session:desk:${JSON.stringify(settings)}`,
    () => new SessionDesk(settings, deps),
    (desk) => desk.close(),
  )
}
