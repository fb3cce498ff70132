import type { SessionChoice, SessionPage, SessionRecord } from '../../stores/ports/session-store.ts'
import type { Store } from '../../stores/store.ts'
import { auditSessions } from '../audited.ts'
import type { IdentityLogin, IdentityLogins } from '../identity-logins.ts'
import { AdministrationError } from './administration-error.ts'

/** Sessions of people in browsers, as `portcullis sessions` has them. */
export interface SessionAdministration {
  /** Those with applications behind the gateway. In the order of ids, ended ones included. */
  list(page: SessionPage): Promise<SessionRecord[]>
  /**
   * Logins of an account to the identity server that go on, the one used last first. `users.signOut` ends them all. Rejects
   * with `unknown` where there is no such account.
   */
  listLogins(userId: string): Promise<IdentityLogin[]>
  /** Ends one of either at once, everywhere; `already` where it was revoked before. */
  revoke(id: string): Promise<'revoked' | 'already' | 'unknown'>
  /** Ends several of those with applications; answers how many. */
  revokeAll(choice: SessionChoice): Promise<number>
}

export interface SessionAdministrationDeps {
  readonly store: Store
  readonly actor: string
  /** Null where the file has no identity server. */
  readonly logins: IdentityLogins | null
  readonly now: () => number
}

export function createSessionAdministration(deps: SessionAdministrationDeps): SessionAdministration {
  const { store, actor, logins, now } = deps
  const sessions = auditSessions(store.db, actor)
  return {
    list: sessions.list,
    async listLogins(userId) {
      const account = await store.accounts.find(userId)
      if (account === null) throw new AdministrationError('unknown', `There is no account "${userId}".`)
      return (await logins?.listOf(account)) ?? []
    },
    async revoke(id) {
      const result = await sessions.revoke(id, now())
      return result === 'unknown' ? ((await logins?.end(id)) ?? 'unknown') : result
    },
    revokeAll: (choice) => sessions.revokeAll(choice, now()),
  }
}
