import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import type { SessionChoice } from './ports/session-store.ts'
import type { Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Ends one session, and has every worker hear of it. */
export async function revokeSession(
  transaction: Kysely<Tables>,
  id: string,
  now: number,
): Promise<'revoked' | 'already' | 'unknown'> {
  if (!isStorable(id)) return 'unknown'
  const { numUpdatedRows } = await transaction
    .updateTable('sessions')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) {
    await appendChange(transaction, { at: now, topic: 'session-revoked', subject: id })
    return 'revoked'
  }
  const known = await transaction.selectFrom('sessions').select('id').where('id', '=', id).executeTakeFirst()
  return known === undefined ? 'unknown' : 'already'
}

/** Ends several in one statement; one entry of the log stands for all of them. */
export async function revokeAll(
  transaction: Kysely<Tables>,
  { principal, issuer, except }: SessionChoice,
  now: number,
): Promise<number> {
  if (![principal, issuer, except].every((text) => text === undefined || isStorable(text))) return 0
  const { numUpdatedRows } = await transaction
    .updateTable('sessions')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .where('ends_at', '>', now)
    .$if(principal !== undefined, (query) => query.where('principal', '=', principal as string))
    .$if(issuer !== undefined, (query) => query.where('issuer', '=', issuer as string))
    .$if(except !== undefined, (query) => query.where('id', '!=', except as string))
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return 0
  await appendChange(transaction, { at: now, topic: 'sessions-revoked', subject: principal ?? '*' })
  return Number(numUpdatedRows)
}
