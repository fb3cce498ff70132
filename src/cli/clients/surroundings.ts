import { loadPolicyFile } from '../../config/load-policy-file.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { type KeySurroundings, PolicyFileError } from '../keys/key-session.ts'
import { keySurroundings } from '../keys/surroundings.ts'

export interface ClientSurroundings extends KeySurroundings {
  /** The ids of clients that the policy file names; null where it has no identity server. */
  readonly readFileClients: (configPath: string) => Promise<readonly string[] | null>
}

/** The real ones. */
export const clientSurroundings: ClientSurroundings = {
  ...keySurroundings,
  async readFileClients(configPath) {
    const loaded = await loadPolicyFile(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.errors)
    const identity = loaded.snapshot.blocks.identity as IdentityOptions | undefined
    return identity === undefined ? null : identity.clients.map(({ id }) => id)
  },
}
