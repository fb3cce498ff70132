import type { Kysely, Selectable } from 'kysely'
import type { KeyRecord, KeySecret } from './ports/key-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isTexts, parseJson, readTime, readTimeOrNull } from './read-columns.ts'
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
  }
}

const toTexts = (json: string, id: string) => parseJson(json, isTexts, () => damaged(id))
const toTime = (value: number | string, id: string) => readTime(value, () => damaged(id))
const toTimeOrNull = (value: number | string | null, id: string) => readTimeOrNull(value, () => damaged(id))

function damaged(id: string): StoreError {
  return new StoreError('unusable', `the stored key ${id} is damaged: revoke it and create another`)
}
