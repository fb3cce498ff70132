import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { selectKeys, toKeyColumns, toKeyRecords } from './key-rows.ts'
import type { KeyChanges, KeyRecord, SwitchResult, UpdateResult } from './ports/key-store.ts'
import type { Tables } from './schema.ts'

/** Changes what is known of a key; one that ended stays ended, whatever its new end would be. */
export async function updateKey(
  transaction: Kysely<Tables>,
  id: string,
  changes: KeyChanges,
  now: number,
): Promise<UpdateResult> {
  const key = await lockKey(transaction, id)
  if (key === null) return { kind: 'unknown' }
  if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) return { kind: 'ended' }
  const columns = toKeyColumns(changes)
  if (Object.keys(columns).length > 0) {
    await transaction.updateTable('api_keys').set(columns).where('id', '=', id).execute()
    await appendChange(transaction, { at: now, topic: 'api-key-updated', subject: id })
  }
  return { kind: 'updated', key: (await lockKey(transaction, id)) as KeyRecord }
}

export async function setDisabled(
  transaction: Kysely<Tables>,
  id: string,
  disabled: boolean,
  now: number,
): Promise<SwitchResult> {
  const key = await lockKey(transaction, id)
  if (key === null) return 'unknown'
  if (key.revokedAt !== null) return 'revoked'
  if ((key.disabledAt !== null) === disabled) return 'already'
  await transaction
    .updateTable('api_keys')
    .set({ disabled_at: disabled ? now : null })
    .where('id', '=', id)
    .execute()
  await appendChange(transaction, { at: now, topic: disabled ? 'api-key-disabled' : 'api-key-enabled', subject: id })
  return 'switched'
}

/** Reads a key that no other transaction can change meanwhile, on every database. */
async function lockKey(transaction: Kysely<Tables>, id: string): Promise<KeyRecord | null> {
  await transaction.updateTable('api_keys').set({ id }).where('id', '=', id).execute()
  return toKeyRecords(await selectKeys(transaction).where('api_keys.id', '=', id).execute())[0] ?? null
}
