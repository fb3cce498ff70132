import { loadPolicyFile } from '../../config/load-policy-file.ts'
import { MasterKeyError } from '../../crypto/master/master-key.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { type OpenedIdentity, openIdentity } from '../../runtime/open-identity.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import type { Store } from '../../stores/store.ts'
import { KeyCommandError, type KeySurroundings, PolicyFileError } from '../keys/key-session.ts'
import { keySurroundings } from '../keys/surroundings.ts'

export interface IdentitySurroundings extends KeySurroundings {
  /** The block `identity` of the policy file; null where it has none. */
  readonly readIdentity: (configPath: string) => Promise<IdentityOptions | null>
  /** What its identity server keeps, which is sealed: it takes the master key. */
  readonly openIdentity: (configPath: string, store: Store, tenant?: string) => Promise<OpenedIdentity>
}

/** The real ones. */
export const identitySurroundings: IdentitySurroundings = {
  ...keySurroundings,
  async readIdentity(configPath) {
    return ((await load(configPath)).blocks.identity as IdentityOptions | undefined) ?? null
  },
  async openIdentity(configPath, { db }, tenant) {
    const snapshot = await load(configPath)
    try {
      return await openIdentity(snapshot, db, tenant)
    } catch (error) {
      if (error instanceof StoreError || !(error instanceof Error)) throw error
      const known = error instanceof MasterKeyError || /^(env|file):|^the policy file/.test(error.message)
      throw known ? new KeyCommandError(`The identity server's things cannot be read: ${error.message}.`) : error
    }
  },
}

async function load(configPath: string) {
  const loaded = await loadPolicyFile(configPath, { embedded: true })
  if (!loaded.ok) throw new PolicyFileError(loaded.errors)
  return loaded.snapshot
}
