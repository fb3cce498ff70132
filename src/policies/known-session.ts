import { type Identified, identified } from '../core/decision.ts'
import type { SessionRecord } from '../stores/ports/session-store.ts'
import type { codes } from './session/codes.ts'
import type { SessionSettings } from './sessions-block.ts'

export type SessionFailure = keyof typeof codes

/** A stored session, prepared for requests. */
export interface KnownSession {
  readonly record: SessionRecord
  readonly identified: Identified
  readonly idleMs: number
  readonly endsAt: number
  /** As this worker knows it; the store hears of it once in a while. */
  lastSeenAt: number
  touchedAt: number
}

/** Lifetimes that became shorter since the session began hold for it as well. */
export function prepareSession(record: SessionRecord, settings: SessionSettings): KnownSession {
  const { caller } = record
  const endsAt = Math.min(record.endsAt, record.createdAt + settings.absolute)
  return {
    record,
    idleMs: Math.min(record.idleMs, settings.idle),
    endsAt,
    lastSeenAt: record.lastSeenAt,
    touchedAt: record.lastSeenAt,
    identified: identified(
      Object.freeze({
        id: caller.id,
        kind: caller.kind,
        issuer: caller.issuer,
        tenant: caller.tenant,
        roles: Object.freeze([...caller.roles]),
        scopes: Object.freeze([...caller.scopes]),
        attributes: Object.freeze(caller.attributes),
        credential: Object.freeze({ policy: 'session', id: record.id }),
        assurance: caller.assurance,
        authenticatedAt: caller.authenticatedAt,
        confirmation: null,
        proofOfPossession: null,
        expiresAt: endsAt,
      }),
    ),
  }
}

/** Why a session does not hold; null while it does. */
export function checkSession({ record, endsAt, idleMs, lastSeenAt }: KnownSession, now: number): SessionFailure | null {
  if (record.revokedAt !== null) return 'session_revoked'
  if (now >= endsAt) return 'session_expired'
  return now - lastSeenAt >= idleMs ? 'session_idle' : null
}

/** How far the stored last use may lag behind: a tenth of the idle time, a minute at most. */
export function touchResolution(idleMs: number): number {
  return Math.min(60_000, idleMs / 10)
}
