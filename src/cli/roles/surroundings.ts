import { loadPolicyFile } from '../../config/load-policy-file.ts'
import type { DefinedRoles } from '../../roles/role-views.ts'
import { type KeySurroundings, PolicyFileError } from '../keys/key-session.ts'
import { keySurroundings } from '../keys/surroundings.ts'
import type { NamedIssuer } from '../tokens/find-issuer.ts'
import { readIssuers } from '../tokens/surroundings.ts'

/** What the policy file says that matters for roles. */
export interface FileRoles extends DefinedRoles {
  /** By name: what their tokens say in `iss`. */
  readonly issuers: Readonly<Record<string, { readonly issuer: string }>>
  /** All issuers of the file, those that are asked for opaque tokens too. */
  readonly trusted: readonly NamedIssuer[]
}

export interface RoleSurroundings extends KeySurroundings {
  readonly readFile: (configPath: string) => Promise<FileRoles>
}

/** The real ones. */
export const roleSurroundings: RoleSurroundings = {
  ...keySurroundings,
  async readFile(configPath) {
    const loaded = await loadPolicyFile(configPath, { embedded: true })
    if (!loaded.ok) throw new PolicyFileError(loaded.errors)
    const { roles = {}, tenantRoles = {}, issuers = {} } = loaded.snapshot.blocks as Partial<FileRoles>
    return { roles, tenantRoles, issuers, trusted: readIssuers(loaded.snapshot) }
  },
}
