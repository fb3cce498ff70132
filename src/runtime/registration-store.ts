import type { Kysely } from 'kysely'
import { addClientInvitation, consumeClientInvitation, isClientInvitationOpen } from '../stores/client-invitations.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import type { ClientInvitation, RegistrationStore } from '../stores/ports/registration-store.ts'
import type { Tables } from '../stores/schema.ts'
import { audited } from './audited.ts'
import { auditClients } from './audited-clients.ts'

/** So much of the digest of an invitation tells in the trail which one it was. */
const shownDigest = 16

/** Clients that register themselves; the trail names the invitation that let them. */
export function createRegistrationStore(db: Kysely<Tables>): RegistrationStore {
  return {
    isOpen: (digest, now) => isClientInvitationOpen(db, digest, now),
    register: (digest, client) =>
      inTransaction(db, async (transaction) => {
        if (!(await consumeClientInvitation(transaction, digest, client.createdAt))) return 'refused'
        await auditClients(transaction, `invitation ${digest.slice(0, shownDigest)}`).create(client)
        return 'registered'
      }),
  }
}

/** Makes an invitation for somebody whose changes are told. */
export function inviteClients(db: Kysely<Tables>, actor: string, invitation: ClientInvitation): Promise<void> {
  const { digest, uses, createdAt: at, expiresAt } = invitation
  return audited(
    db,
    actor,
    (transaction) => addClientInvitation(transaction, invitation),
    () => ({
      at,
      action: 'client-invitation-created',
      subject: digest.slice(0, shownDigest),
      detail: { uses, expiresAt },
    }),
  )
}
