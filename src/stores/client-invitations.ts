import type { Kysely } from 'kysely'
import { inTransaction } from './in-transaction.ts'
import type { ClientInvitation } from './ports/registration-store.ts'
import type { Tables } from './schema.ts'

/** Keeps an invitation; those that have ended are forgotten with it. */
export function addClientInvitation(db: Kysely<Tables>, invitation: ClientInvitation): Promise<void> {
  const { digest, uses: uses_left, createdAt: created_at, expiresAt: expires_at } = invitation
  return inTransaction(db, async (transaction) => {
    await transaction.deleteFrom('client_invitations').where('expires_at', '<=', created_at).execute()
    await transaction.insertInto('client_invitations').values({ digest, uses_left, created_at, expires_at }).execute()
  })
}

export async function isClientInvitationOpen(db: Kysely<Tables>, digest: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('client_invitations')
    .select('digest')
    .where('digest', '=', digest)
    .where('uses_left', '>', 0)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row !== undefined
}

/** Uses it once: one statement, so that nobody can come between the look and the use. */
export async function consumeClientInvitation(db: Kysely<Tables>, digest: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('client_invitations')
    .set(({ eb }) => ({ uses_left: eb('uses_left', '-', 1) }))
    .where('digest', '=', digest)
    .where('uses_left', '>', 0)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}
