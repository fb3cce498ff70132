import { loadPolicyFile } from '../../config/load-policy-file.ts'
import { MasterKeyError } from '../../crypto/master/master-key.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { createIdentityLogins, type IdentityLogins } from '../../runtime/identity-logins.ts'
import { type OpenedIdentity, openIdentity, openIdentityRing } from '../../runtime/open-identity.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import type { Store } from '../../stores/store.ts'
import { KeyCommandError, type KeySurroundings, PolicyFileError } from '../keys/key-session.ts'
import { keySurroundings } from '../keys/surroundings.ts'

export interface IdentitySurroundings extends KeySurroundings {
  /** The block `identity` of the policy file; null where it has none. */
  readonly readIdentity: (configPath: string) => Promise<IdentityOptions | null>
  /** What its identity server keeps, which is sealed: it takes the master key. */
  readonly openIdentity: (configPath: string, store: Store, tenant?: string) => Promise<OpenedIdentity>
  /** The logins to it; null where the file has none. It takes the master key where there is something to open. */
  readonly openLogins: (configPath: string, store: Store, actor: string) => Promise<IdentityLogins | null>
}

/** The real ones. */
export const identitySurroundings: IdentitySurroundings = {
  ...keySurroundings,
  async readIdentity(configPath) {
    return ((await load(configPath)).blocks.identity as IdentityOptions | undefined) ?? null
  },
  async openIdentity(configPath, { db }, tenant) {
    const snapshot = await load(configPath)
    return explain(() => openIdentity(snapshot, db, tenant))
  },
  async openLogins(configPath, { db }, actor) {
    const snapshot = await load(configPath)
    const identity = snapshot.blocks.identity as IdentityOptions | undefined
    if (identity === undefined) return null
    const openRing = () => explain(() => openIdentityRing(snapshot, db))
    return createIdentityLogins({ identity, db, openRing, actor, now: Date.now })
  },
}

async function explain<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof StoreError || !(error instanceof Error)) throw error
    const known = error instanceof MasterKeyError || /^(env|file):|^the policy file/.test(error.message)
    throw known ? new KeyCommandError(`The identity server's things cannot be read: ${error.message}.`) : error
  }
}

async function load(configPath: string) {
  const loaded = await loadPolicyFile(configPath, { embedded: true })
  if (!loaded.ok) throw new PolicyFileError(loaded.errors)
  return loaded.snapshot
}
