import type { Kysely } from 'kysely'
import { inTransaction } from '../stores/in-transaction.ts'
import type { IssuedTokens } from '../stores/ports/people-store.ts'
import { createRevocationStore } from '../stores/revocation-store.ts'
import type { Tables } from '../stores/schema.ts'
import { auditClients } from './audited-clients.ts'

/** Removes a client of the identity server, with the signed tokens that it has; false where there is none. */
export function removeClient(
  db: Kysely<Tables>,
  actor: string,
  { id, tenant }: { readonly id: string; readonly tenant?: string | undefined },
  tokens: IssuedTokens | null,
  now: number,
): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    if (!(await auditClients(transaction, actor).remove(id, now, tenant))) return false
    const revoked = {
      kind: 'client',
      value: id,
      revokedAt: now,
      issuedUntil: now,
      reason: 'the client was removed',
    } as const
    if (tokens !== null) await createRevocationStore(transaction).revoke({ ...tokens, ...revoked })
    return true
  })
}
