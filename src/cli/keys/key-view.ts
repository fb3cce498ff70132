import { formatDuration } from '../../core/units.ts'
import type { KeyLimit, KeyMetadata, KeyRecord } from '../../stores/ports/key-store.ts'

/** What people and programs are shown of a key: never a secret, nor its digest. Times are ISO 8601 in UTC. */
export interface KeyView {
  readonly id: string
  readonly owner: string
  readonly name: string | null
  readonly tenant: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly cidrs: readonly string[]
  readonly status: 'active' | 'disabled' | 'used up' | 'expired' | 'revoked'
  readonly environment: string | null
  readonly metadata: KeyMetadata
  /** Null: any number. */
  readonly usesLeft: number | null
  /** Such as `100/1m`. */
  readonly rateLimit: string | null
  readonly quota: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly disabledAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
  /** When the present secret was made. */
  readonly rotatedAt: string | null
  /** When the last of the secrets that were replaced dies; null when none lives. */
  readonly overlapUntil: string | null
}

export function toKeyView(key: KeyRecord, now: number): KeyView {
  const [present, ...replaced] = key.secrets
  const overlap = Math.max(...replaced.map(({ expiresAt }) => expiresAt ?? Infinity))
  return {
    id: key.id,
    owner: key.owner,
    name: key.name,
    tenant: key.tenant,
    roles: key.roles,
    scopes: key.scopes,
    cidrs: key.cidrs,
    status: toStatus(key, now),
    environment: key.environment,
    metadata: key.metadata,
    usesLeft: key.usesLeft,
    rateLimit: toRate(key.rateLimit),
    quota: toRate(key.quota),
    createdAt: toIso(key.createdAt),
    expiresAt: toIsoOrNull(key.expiresAt),
    disabledAt: toIsoOrNull(key.disabledAt),
    revokedAt: toIsoOrNull(key.revokedAt),
    lastUsedAt: toIsoOrNull(key.lastUsedAt),
    rotatedAt: present === undefined || present.createdAt === key.createdAt ? null : toIso(present.createdAt),
    overlapUntil: overlap > now && Number.isFinite(overlap) ? toIso(overlap) : null,
  }
}

/** What ended for good comes before what can be undone. */
export function toStatus(key: KeyRecord, now: number): KeyView['status'] {
  if (key.revokedAt !== null) return 'revoked'
  if (key.expiresAt !== null && key.expiresAt <= now) return 'expired'
  if (key.disabledAt !== null) return 'disabled'
  return key.usesLeft === 0 ? 'used up' : 'active'
}

function toRate(limit: KeyLimit | null): string | null {
  return limit === null ? null : `${limit.limit}/${formatDuration(limit.windowMs)}`
}

function toIsoOrNull(time: number | null): string | null {
  return time === null ? null : toIso(time)
}

function toIso(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
