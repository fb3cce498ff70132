import type { Kysely, Selectable } from 'kysely'
import type { KeyChanges, KeyLimit, KeyMetadata, KeyRecord, KeySecret, NewKey } from './ports/key-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isPlainObject, isTexts, parseJson, readTime, readTimeOrNull } from './read-columns.ts'
import type { ApiKeyRow, Tables } from './schema.ts'

/** A key beside one of its secrets: what the queries below return, newest secret first for each key. */
export type KeyRow = Selectable<ApiKeyRow> & {
  digest: string
  secret_created_at: number
  secret_expires_at: number | null
}

/** Keys with their secrets, in the order of ids. */
export function selectKeys(db: Kysely<Tables>) {
  return db
    .selectFrom('api_keys')
    .innerJoin('api_key_secrets', 'api_key_secrets.key_id', 'api_keys.id')
    .selectAll('api_keys')
    .select([
      'api_key_secrets.digest',
      'api_key_secrets.created_at as secret_created_at',
      'api_key_secrets.expires_at as secret_expires_at',
    ])
    .orderBy('api_keys.id')
    .orderBy('api_key_secrets.generation', 'desc')
}

/** Gathers rows into records. Throws where a row is not what this program writes: such a key must not be trusted. */
export function toKeyRecords(rows: readonly KeyRow[]): KeyRecord[] {
  const records: KeyRecord[] = []
  let secrets: KeySecret[] = []
  let id: string | null = null
  for (const row of rows) {
    if (row.id !== id) {
      id = row.id
      secrets = []
      records.push(toKeyRecord(row, secrets))
    }
    secrets.push({
      digest: row.digest,
      createdAt: toTime(row.secret_created_at, row.id),
      expiresAt: toTimeOrNull(row.secret_expires_at, row.id),
    })
  }
  return records
}

function toKeyRecord(row: KeyRow, secrets: readonly KeySecret[]): KeyRecord {
  const { id } = row
  return {
    id,
    owner: row.owner,
    name: row.name,
    tenant: row.tenant,
    roles: toTexts(row.roles, id),
    scopes: toTexts(row.scopes, id),
    cidrs: toTexts(row.cidrs, id),
    createdAt: toTime(row.created_at, id),
    expiresAt: toTimeOrNull(row.expires_at, id),
    revokedAt: toTimeOrNull(row.revoked_at, id),
    lastUsedAt: toTimeOrNull(row.last_used_at, id),
    secrets,
    environment: row.environment,
    metadata: toMetadata(row.metadata, id),
    disabledAt: toTimeOrNull(row.disabled_at, id),
    usesLeft: toTimeOrNull(row.uses_left, id),
    rateLimit: toLimit(row.rate_limit, id),
    quota: toLimit(row.quota, id),
  }
}

export function toNewRow(key: NewKey): ApiKeyRow {
  return {
    ...noLimits,
    ...(toKeyColumns(key) as Pick<
      ApiKeyRow,
      'owner' | 'name' | 'tenant' | 'roles' | 'scopes' | 'cidrs' | 'expires_at'
    >),
    id: key.id,
    created_at: key.createdAt,
    revoked_at: null,
    last_used_at: null,
    disabled_at: null,
  }
}

const noLimits = { environment: null, metadata: '{}', uses_left: null, rate_limit: null, quota: null }

/** The columns of what is given; what is left out has none. */
export function toKeyColumns(key: KeyChanges): Partial<ApiKeyRow> {
  const { owner, name, tenant, roles, scopes, cidrs, expiresAt, environment, metadata, usesLeft, rateLimit, quota } =
    key
  const columns = {
    owner,
    name,
    tenant,
    roles: toJson(roles),
    scopes: toJson(scopes),
    cidrs: toJson(cidrs),
    expires_at: expiresAt,
    environment,
    metadata: toJson(metadata),
    uses_left: usesLeft,
    rate_limit: toJson(rateLimit),
    quota: toJson(quota),
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

function toJson<T extends object | null | undefined>(value: T): T extends object ? string : T {
  return (value === null || value === undefined ? value : JSON.stringify(value)) as T extends object ? string : T
}

const toMetadata = (json: string, id: string): KeyMetadata => parseJson(json, isPlainObject, () => damaged(id))

/** A limit that cannot be read must not become none. */
function toLimit(json: string | null, id: string): KeyLimit | null {
  if (json === null) return null
  const { limit, windowMs } = parseJson(json, isPlainObject, () => damaged(id))
  if (isCount(limit) && isCount(windowMs)) return { limit, windowMs }
  throw damaged(id)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

const toTexts = (json: string, id: string) => parseJson(json, isTexts, () => damaged(id))
const toTime = (value: number | string, id: string) => readTime(value, () => damaged(id))
const toTimeOrNull = (value: number | string | null, id: string) => readTimeOrNull(value, () => damaged(id))

function damaged(id: string): StoreError {
  return new StoreError('unusable', `the stored key ${id} is damaged: revoke it and create another`)
}
