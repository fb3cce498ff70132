import type { Kysely } from 'kysely'
import { reservedNameKind, toNameDigest } from '../identity/people/removal.ts'
import type { NewAccount } from '../stores/ports/account-store.ts'
import { toUsername } from '../stores/ports/username.ts'
import type { Tables } from '../stores/schema.ts'

/** Whether somebody else had the name until a moment ago, whose tokens may still be out. */
export async function isReserved(
  transaction: Kysely<Tables>,
  { tenant, username, createdAt }: NewAccount,
): Promise<boolean> {
  const digest = toNameDigest({ tenant, username: toUsername(username) ?? username })
  const row = await transaction
    .selectFrom('artefacts')
    .select('digest')
    .where('kind', '=', reservedNameKind)
    .where('digest', '=', digest)
    .where('expires_at', '>', createdAt)
    .executeTakeFirst()
  return row !== undefined
}
