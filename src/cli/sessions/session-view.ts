import type { SessionRecord } from '../../stores/ports/session-store.ts'

/** What people and programs are shown of a session: never its secret, nor the digest. Times are ISO 8601 in UTC. */
export interface SessionView {
  readonly id: string
  readonly principal: string
  readonly issuer: string
  readonly kind: 'user' | 'service'
  readonly tenant: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly assurance: string | null
  readonly status: 'active' | 'idle' | 'expired' | 'revoked'
  readonly authenticatedAt: string
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly endsAt: string
  readonly revokedAt: string | null
  readonly userAgent: string | null
  readonly address: string | null
}

export function toSessionView(session: SessionRecord, now: number): SessionView {
  const { caller } = session
  return {
    id: session.id,
    principal: caller.id,
    issuer: caller.issuer,
    kind: caller.kind,
    tenant: caller.tenant,
    roles: caller.roles,
    scopes: caller.scopes,
    assurance: caller.assurance,
    status: toStatus(session, now),
    authenticatedAt: toIso(caller.authenticatedAt),
    createdAt: toIso(session.createdAt),
    lastSeenAt: toIso(session.lastSeenAt),
    endsAt: toIso(session.endsAt),
    revokedAt: session.revokedAt === null ? null : toIso(session.revokedAt),
    userAgent: session.userAgent,
    address: session.address,
  }
}

function toStatus({ revokedAt, endsAt, lastSeenAt, idleMs }: SessionRecord, now: number): SessionView['status'] {
  if (revokedAt !== null) return 'revoked'
  if (endsAt <= now) return 'expired'
  return lastSeenAt + idleMs <= now ? 'idle' : 'active'
}

function toIso(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
