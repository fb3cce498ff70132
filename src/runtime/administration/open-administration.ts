import { formatErrors } from '../../config/config-error.ts'
import { loadPolicyFile } from '../../config/load-policy-file.ts'
import { silentMeter } from '../../core/telemetry.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { openStore } from '../../stores/open-store.ts'
import type { SessionChoice, SessionPage, SessionRecord } from '../../stores/ports/session-store.ts'
import { auditSessions } from '../audited.ts'
import { openPasswordHasher } from '../passwords.ts'
import { resolveStoreLocation } from '../store-location.ts'
import { type ClientAdministration, createClientAdministration } from './client-administration.ts'
import { createRoleAdministration, type RoleAdministration } from './role-administration.ts'
import { createUserAdministration, type UserAdministration } from './user-administration.ts'

export interface AdministrationOptions {
  /** Path of the policy file that names the store and the tenants. */
  readonly config: string
  /** Whom the audit trail names for what is done, such as `back-office:ann`; 1 to 200 characters. */
  readonly actor: string
}

/** Sessions of applications behind the gateway, as `portcullis sessions` has them. */
export interface SessionAdministration {
  /** In the order of ids, ended ones included. */
  list(page: SessionPage): Promise<SessionRecord[]>
  /** Ends one at once, everywhere; `already` where it was revoked before. */
  revoke(id: string): Promise<'revoked' | 'already' | 'unknown'>
  /** Ends several; answers how many. */
  revokeAll(choice: SessionChoice): Promise<number>
}

export interface Administration {
  readonly users: UserAdministration
  readonly clients: ClientAdministration
  readonly sessions: SessionAdministration
  readonly roles: RoleAdministration
  /** Leaves the store. */
  close(): Promise<void>
}

/**
 * What `portcullis users`, `clients`, `sessions` and `roles` do, from a program that may do all of it: nobody is asked for a credential.
 * It opens the store that the policy file names, beside whatever runs on it.
 * @throws where the policy file is wrong, and a `StoreError` where the store cannot be opened
 * @example
 * const administration = await openAdministration({ config: 'portcullis.yaml', actor: 'back-office' })
 * const ann = await administration.users.create({ username: 'ann', roles: ['customer'] })
 * await administration.users.disable(ann.id)
 * await administration.close()
 */
export async function openAdministration({ config, actor }: AdministrationOptions): Promise<Administration> {
  if (!/^\P{C}{1,200}$/u.test(actor)) throw new TypeError('actor must have 1 to 200 characters that can be seen')
  const loaded = await loadPolicyFile(config, { embedded: true })
  if (!loaded.ok) throw new Error(formatErrors(loaded.errors))
  const { snapshot } = loaded
  const store = await openStore(await resolveStoreLocation(snapshot))
  try {
    const hasher = await openPasswordHasher(snapshot, silentMeter)
    const identity = (snapshot.blocks.identity as IdentityOptions | undefined) ?? null
    const deps = { store, actor, identity, hasher, now: Date.now }
    const sessions = auditSessions(store.db, actor)
    return {
      users: createUserAdministration(deps),
      clients: createClientAdministration(deps),
      sessions: {
        list: sessions.list,
        revoke: (id) => sessions.revoke(id, deps.now()),
        revokeAll: (choice) => sessions.revokeAll(choice, deps.now()),
      },
      roles: createRoleAdministration({ ...deps, blocks: snapshot.blocks }),
      async close() {
        await hasher.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
