import { loadPolicyFile } from '../../config/load-policy-file.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { type KeySurroundings, PolicyFileError } from '../keys/key-session.ts'
import { keySurroundings } from '../keys/surroundings.ts'

export interface IdentitySurroundings extends KeySurroundings {
  /** The block `identity` of the policy file; null where it has none. */
  readonly readIdentity: (configPath: string) => Promise<IdentityOptions | null>
}

/** The real ones. */
export const identitySurroundings: IdentitySurroundings = {
  ...keySurroundings,
  async readIdentity(configPath) {
    const loaded = await loadPolicyFile(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.errors)
    return (loaded.snapshot.blocks.identity as IdentityOptions | undefined) ?? null
  },
}
