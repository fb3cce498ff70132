import { suggest } from '../../core/suggest.ts'
import { listIssuers } from '../../identity/issuers.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { listResources } from '../../identity/resources.ts'
import { type IdentitySurroundings, identitySurroundings } from '../identity/surroundings.ts'
import { KeyCommandError } from '../keys/key-session.ts'

/** An issuer of the policy file, as far as clients are concerned. */
export interface FileIssuer {
  /** The ids of the clients that the file names. */
  readonly clients: readonly string[]
  /** Identifiers. */
  readonly resources: readonly string[]
  /** Absent where only the two are known. */
  readonly options?: IdentityOptions
}

export interface ClientSurroundings extends IdentitySurroundings {
  /**
   * The issuer of a tenant, or of none; null where the file has no identity server. Rejects with a `KeyCommandError` where it
   * has no such tenant.
   */
  readonly readIssuer: (configPath: string, tenant: string | undefined) => Promise<FileIssuer | null>
}

/** The real ones. */
export const clientSurroundings: ClientSurroundings = {
  ...identitySurroundings,
  async readIssuer(configPath, tenant) {
    const identity = await identitySurroundings.readIdentity(configPath)
    if (identity === null) return null
    const issuer = listIssuers(identity).find(({ realm }) => realm === tenant)
    if (issuer === undefined) throw unknownTenant(tenant as string, Object.keys(identity.tenants))
    return {
      clients: issuer.clients.map(({ id }) => id),
      resources: listResources(issuer).map(({ identifier }) => identifier),
      options: issuer,
    }
  },
}

function unknownTenant(tenant: string, known: readonly string[]): KeyCommandError {
  const near = suggest(tenant, known)
  const hint =
    known.length === 0 ? 'It has none.' : near === null ? `It has ${known.join(', ')}.` : `Did you mean ${near}?`
  return new KeyCommandError(`The policy file has no tenant "${tenant}" under \`identity.tenants\`. ${hint}`)
}
