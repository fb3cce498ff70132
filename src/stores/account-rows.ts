import type { Selectable } from 'kysely'
import type { AccountRecord } from './ports/account-store.ts'
import { StoreError } from './ports/store-error.ts'
import { isPlainObject, isTexts, parseJson, readTime, readTimeOrNull } from './read-columns.ts'
import type { AccountRow } from './schema.ts'

/** Throws where a row is not what this program writes: such an account must not be trusted. */
export function toAccountRecord(row: Selectable<AccountRow>): AccountRecord {
  const damaged = () =>
    new StoreError('unusable', `the stored account ${row.id} is damaged: remove it and create it anew`)
  return {
    id: row.id,
    tenant: row.tenant === '' ? null : row.tenant,
    username: row.username,
    passwordHash: row.password_hash,
    roles: parseJson(row.roles, isTexts, damaged),
    scopes: parseJson(row.scopes, isTexts, damaged),
    attributes: parseJson(row.attributes, isPlainObject, damaged),
    createdAt: readTime(row.created_at, damaged),
    disabledAt: readTimeOrNull(row.disabled_at, damaged),
    passwordChangedAt: readTimeOrNull(row.password_changed_at, damaged),
    signedOutAt: readTimeOrNull(row.signed_out_at, damaged),
  }
}
