import { isTiedToTokens } from '../../policies/session-origin.ts'
import type { IdentityLogin } from '../../runtime/identity-logins.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { SessionRecord } from '../../stores/ports/session-store.ts'

/** What people and programs are shown of a session: never its secret, nor the digest. Times are ISO 8601 in UTC. */
export interface SessionView {
  readonly id: string
  /** What keeps the person logged in: a policy of that name, or the identity server. */
  readonly type: 'session' | 'browser-login' | 'identity'
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
  /** Ids of the clients of the identity server that the login was used for; of others, null. */
  readonly clients: readonly string[] | null
}

export function toSessionView(session: SessionRecord, now: number): SessionView {
  const { caller } = session
  return {
    id: session.id,
    type: isTiedToTokens(caller) ? 'browser-login' : 'session',
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
    clients: null,
  }
}

/** The identity server keeps no address, of the browser no more than its name, and no login that has ended. */
export function toLoginView(login: IdentityLogin, account: AccountRecord): SessionView {
  return {
    id: login.id,
    type: 'identity',
    principal: account.id,
    issuer: login.issuer,
    kind: 'user',
    tenant: account.tenant,
    roles: account.roles,
    scopes: account.scopes,
    assurance: null,
    status: 'active',
    authenticatedAt: toIso(login.loggedInAt),
    createdAt: toIso(login.loggedInAt),
    lastSeenAt: toIso(login.lastUsedAt),
    endsAt: toIso(login.endsAt),
    revokedAt: null,
    userAgent: login.browser,
    address: null,
    clients: login.clients,
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
