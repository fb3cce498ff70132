import type { Selectable } from 'kysely'
import type { NewSession, SessionCaller, SessionRecord } from './ports/session-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isPlainObject, isTexts, parseJson, readTime, readTimeOrNull } from './read-columns.ts'
import type { SessionRow } from './schema.ts'

/** Throws where a row is not what this program writes: such a session must not be trusted. */
export function toSessionRecord(row: Selectable<SessionRow>): SessionRecord {
  const damaged = () => new StoreError('unusable', `the stored session ${row.id} is damaged: revoke it`)
  if (row.kind !== 'user' && row.kind !== 'service') throw damaged()
  return {
    id: row.id,
    digest: row.digest,
    caller: {
      id: row.principal,
      kind: row.kind,
      issuer: row.issuer,
      tenant: row.tenant,
      roles: parseJson(row.roles, isTexts, damaged),
      scopes: parseJson(row.scopes, isTexts, damaged),
      attributes: parseJson(row.attributes, isPlainObject, damaged),
      assurance: row.assurance,
      authenticatedAt: readTime(row.authenticated_at, damaged),
    },
    createdAt: readTime(row.created_at, damaged),
    lastSeenAt: readTime(row.last_seen_at, damaged),
    idleMs: readTime(row.idle_ms, damaged),
    endsAt: readTime(row.ends_at, damaged),
    userAgent: row.user_agent,
    address: row.address,
    revokedAt: readTimeOrNull(row.revoked_at, damaged),
  }
}

export function toSessionRow(session: NewSession): SessionRow {
  return {
    id: session.id,
    digest: session.digest,
    ...toCallerColumns(session.caller),
    created_at: session.createdAt,
    last_seen_at: session.createdAt,
    idle_ms: session.idleMs,
    ends_at: session.endsAt,
    user_agent: session.userAgent,
    address: session.address,
    revoked_at: null,
  }
}

export function toCallerColumns(caller: SessionCaller) {
  return {
    issuer: caller.issuer,
    principal: caller.id,
    kind: caller.kind,
    tenant: caller.tenant,
    roles: JSON.stringify(caller.roles),
    scopes: JSON.stringify(caller.scopes),
    attributes: JSON.stringify(caller.attributes),
    assurance: caller.assurance,
    authenticated_at: caller.authenticatedAt,
  }
}
