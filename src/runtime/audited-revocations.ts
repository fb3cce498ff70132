import type { Kysely } from 'kysely'
import type { RevocationStore } from '../stores/ports/revocation-store.ts'
import { createRevocationStore } from '../stores/revocation-store.ts'
import type { Tables } from '../stores/schema.ts'
import { audited } from './audited.ts'

const actions = {
  token: 'token-revoked',
  session: 'session-tokens-revoked',
  subject: 'subject-tokens-revoked',
  client: 'client-tokens-revoked',
} as const

/** The revocations for somebody whose changes are told, also where one that is there was prolonged. */
export function auditRevocations(db: Kysely<Tables>, actor: string): RevocationStore {
  return {
    ...createRevocationStore(db),
    revoke: (revocation) =>
      audited(
        db,
        actor,
        (transaction) => createRevocationStore(transaction).revoke(revocation),
        (result) => {
          const { kind, value: subject, issuer, revokedAt: at, endsAt, reason } = revocation
          return {
            at,
            action: actions[kind],
            subject,
            detail: { issuer, endsAt, reason, already: result === 'already' },
          }
        },
      ),
  }
}
