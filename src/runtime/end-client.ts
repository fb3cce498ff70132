import type { Kysely } from 'kysely'
import { inTransaction } from '../stores/in-transaction.ts'
import type { ClientRecord } from '../stores/ports/client-store.ts'
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
    await revokeTokensOf(transaction, id, tokens, now, 'the client was removed')
    return true
  })
}

/** Keeps a client out until it is enabled again, and its signed tokens for ever; false where there is none. */
export function disableClient(
  db: Kysely<Tables>,
  actor: string,
  client: Pick<ClientRecord, 'id' | 'tenant' | 'settings'>,
  tokens: IssuedTokens | null,
  now: number,
): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const settings = { ...client.settings, disabled: true } as const
    if (!(await auditClients(transaction, actor).update({ ...client, settings }, now))) return false
    await revokeTokensOf(transaction, client.id, tokens, now, 'the client was disabled')
    return true
  })
}

async function revokeTokensOf(
  transaction: Kysely<Tables>,
  value: string,
  tokens: IssuedTokens | null,
  now: number,
  reason: string,
): Promise<void> {
  const revoked = { kind: 'client', value, revokedAt: now, issuedUntil: now, reason } as const
  if (tokens !== null) await createRevocationStore(transaction).revoke({ ...tokens, ...revoked })
}
