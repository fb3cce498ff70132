import { type IdentitySurroundings, identitySurroundings } from '../identity/surroundings.ts'

export interface ClientSurroundings extends IdentitySurroundings {
  /** The ids of clients that the policy file names; null where it has no identity server. */
  readonly readFileClients: (configPath: string) => Promise<readonly string[] | null>
}

/** The real ones. */
export const clientSurroundings: ClientSurroundings = {
  ...identitySurroundings,
  async readFileClients(configPath) {
    const identity = await identitySurroundings.readIdentity(configPath)
    return identity?.clients.map(({ id }) => id) ?? null
  },
}
