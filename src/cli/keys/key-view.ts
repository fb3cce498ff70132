import type { KeyRecord } from '../../stores/ports/key-store.ts'

/** What people and programs are shown of a key: never a secret, nor its digest. Times are ISO 8601 in UTC. */
export interface KeyView {
  readonly id: string
  readonly owner: string
  readonly name: string | null
  readonly tenant: string | null
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly cidrs: readonly string[]
  readonly status: 'active' | 'expired' | 'revoked'
  readonly createdAt: string
  readonly expiresAt: string | null
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
    createdAt: toIso(key.createdAt),
    expiresAt: toIsoOrNull(key.expiresAt),
    revokedAt: toIsoOrNull(key.revokedAt),
    lastUsedAt: toIsoOrNull(key.lastUsedAt),
    rotatedAt: present === undefined || present.createdAt === key.createdAt ? null : toIso(present.createdAt),
    overlapUntil: overlap > now && Number.isFinite(overlap) ? toIso(overlap) : null,
  }
}

function toStatus({ revokedAt, expiresAt }: KeyRecord, now: number): KeyView['status'] {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active'
}

function toIsoOrNull(time: number | null): string | null {
  return time === null ? null : toIso(time)
}

function toIso(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
