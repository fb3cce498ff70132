import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { selectKeys, toKeyRecords } from './key-rows.ts'
import type { KeyRecord, KeySecret, Rotation, RotationResult } from './ports/key-store.ts'
import type { Tables } from './schema.ts'

/** A request with the key is compared against all of its secrets, so there may not be many. */
const maxLivingSecrets = 8

/** Gives a key a new secret; those of before die at the end of the overlap, and never later than they would have. */
export async function rotateKey(transaction: Kysely<Tables>, rotation: Rotation): Promise<RotationResult> {
  const { id, now } = rotation
  // Changes nothing, and keeps a second rotation waiting on every database.
  await transaction.updateTable('api_keys').set({ id }).where('id', '=', id).execute()
  const key = await readKey(transaction, id)
  if (key === null) return { kind: 'unknown' }
  if (key.revokedAt !== null || isOver(key.expiresAt, now)) return { kind: 'ended' }
  const ends = key.secrets.map((secret) => ({ secret, end: toEnd(key, secret, rotation) }))
  if (ends.filter(({ end }) => end > now).length >= maxLivingSecrets) return { kind: 'crowded' }

  for (const { secret, end } of ends) await endSecret(transaction, secret, end > now ? end : null)
  await addSecret(transaction, id, rotation.digest, now)
  if (rotation.expiresAt !== undefined) {
    await transaction.updateTable('api_keys').set({ expires_at: rotation.expiresAt }).where('id', '=', id).execute()
  }
  await appendChange(transaction, { at: now, topic: 'api-key-rotated', subject: id })
  return { kind: 'rotated', key: (await readKey(transaction, id)) as KeyRecord }
}

/** Adds the newest secret of a key. */
export async function addSecret(
  transaction: Kysely<Tables>,
  keyId: string,
  digest: string,
  now: number,
): Promise<void> {
  const newest = await transaction
    .selectFrom('api_key_secrets')
    .select((select) => select.fn.max('generation').as('generation'))
    .where('key_id', '=', keyId)
    .executeTakeFirst()
  await transaction
    .insertInto('api_key_secrets')
    .values({
      digest,
      key_id: keyId,
      generation: Number(newest?.generation ?? 0) + 1,
      created_at: now,
      expires_at: null,
    })
    .execute()
}

async function readKey(transaction: Kysely<Tables>, id: string): Promise<KeyRecord | null> {
  return toKeyRecords(await selectKeys(transaction).where('api_keys.id', '=', id).execute())[0] ?? null
}

async function endSecret(transaction: Kysely<Tables>, secret: KeySecret, end: number | null): Promise<void> {
  const { digest } = secret
  if (end === null) await transaction.deleteFrom('api_key_secrets').where('digest', '=', digest).execute()
  else await transaction.updateTable('api_key_secrets').set({ expires_at: end }).where('digest', '=', digest).execute()
}

function toEnd(key: KeyRecord, secret: KeySecret, rotation: Rotation): number {
  return Math.min(rotation.overlapUntil, secret.expiresAt ?? Infinity, key.expiresAt ?? Infinity)
}

function isOver(expiresAt: number | null, now: number): boolean {
  return expiresAt !== null && expiresAt <= now
}
