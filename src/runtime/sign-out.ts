import type { Kysely } from 'kysely'
import { digestSecret } from '../crypto/digest.ts'
import { keepEndedLogins } from '../stores/ended-login-store.ts'
import type { AccountEnd, GrantsEnd, SignedOut } from '../stores/ports/people-store.ts'
import { createRevocationStore } from '../stores/revocation-store.ts'
import { revokeGrants } from '../stores/revoke-grants.ts'
import type { Tables } from '../stores/schema.ts'
import { createSessionStore } from '../stores/session-store.ts'

/** By how much routes let the clock of an issuer differ; this one's is their own. */
const clockToleranceMs = 30_000
/** What people see as a login or an application; codes and tokens go with them. */
const counted = { Session: 'sessions', Grant: 'applications' } as const

/**
 * Ends what is kept for an account, its sessions with applications behind the gateway, and its signed tokens. Of its logins,
 * clients are told.
 */
export async function endEverything(
  transaction: Kysely<Tables>,
  { accountId, tokens, now }: AccountEnd,
  reason: string,
): Promise<SignedOut> {
  const kept = await transaction
    .deleteFrom('artefacts')
    .where('account', '=', digestSecret(accountId))
    .returning(['kind', 'digest', 'payload', 'expires_at'])
    .execute()
  const ended = { sessions: 0, applications: 0 }
  const living = kept.filter(({ expires_at: expiresAt }) => Number(expiresAt ?? now + 1) > now)
  for (const { kind } of living) if (Object.hasOwn(counted, kind)) ended[counted[kind as 'Grant']]++
  const grants = kept.filter(({ kind }) => kind === 'Grant').map(({ digest }) => digest)
  await endGrants(transaction, { accountId, tokens, now, grants }, reason)
  const sessions = await createSessionStore(transaction).revokeAll({ principal: accountId }, now)
  if (tokens !== null) {
    // Of grants that are not known any more, to the second: who logs in again at once must not be kept out.
    const issuedUntil = Math.floor(now / 1000) * 1000 - 1000 - clockToleranceMs
    const subject = { kind: 'subject', value: accountId, revokedAt: now, issuedUntil, reason } as const
    await createRevocationStore(transaction).revoke({ ...tokens, ...subject })
  }
  const logins = living.filter(({ kind }) => kind === 'Session')
  await keepEndedLogins(transaction, logins, now)
  return { ...ended, sessions: ended.sessions + sessions }
}

/** Ends grants with everything that was issued under them; answers how many there were. */
export async function endGrants(
  transaction: Kysely<Tables>,
  { grants, tokens, now }: GrantsEnd,
  reason: string,
): Promise<number> {
  let ended = 0
  for (const grant of grants) {
    await transaction.deleteFrom('artefacts').where('grant', '=', grant).execute()
    const { numDeletedRows } = await transaction
      .deleteFrom('artefacts')
      .where('kind', '=', 'Grant')
      .where('digest', '=', grant)
      .executeTakeFirstOrThrow()
    ended += Number(numDeletedRows)
  }
  if (tokens !== null) await revokeGrants(transaction, { ...tokens, names: grants, reason, now })
  return ended
}
