import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import type { Tables } from './schema.ts'

export interface GrantRevocation {
  readonly issuer: string
  /** As tokens name them in `sid`. */
  readonly names: readonly string[]
  readonly endsAt: number
  readonly reason: string
  readonly now: number
}

/** Rows of one statement. */
const batch = 100

/** Revokes the signed tokens of many grants; one entry of the change log stands for all of them. */
export async function revokeGrants(transaction: Kysely<Tables>, revocation: GrantRevocation): Promise<void> {
  const { issuer, names, endsAt, reason, now } = revocation
  const common = { issuer, kind: 'session', revoked_at: now, issued_until: null, ends_at: endsAt, reason } as const
  for (let i = 0; i < names.length; i += batch) {
    await transaction
      .insertInto('revocations')
      .values(names.slice(i, i + batch).map((value) => ({ ...common, value })))
      .onConflict((conflict) =>
        conflict
          .columns(['issuer', 'value', 'kind'])
          .doUpdateSet({ ends_at: endsAt })
          .where('revocations.ends_at', '<', endsAt),
      )
      .execute()
  }
  if (names.length > 0)
    await appendChange(transaction, {
      at: now,
      topic: 'tokens-revoked',
      subject: `${names.length} grants of ${issuer}`,
    })
}
