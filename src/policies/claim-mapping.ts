import type { ClaimOptions } from './claim-options.ts'
import { parseClaimPath } from './claim-path.ts'

type ClaimPath = readonly string[]

/** Where the claims of an issuer say what, prepared for requests. */
export interface ClaimMapping {
  readonly roles: NamesSource
  readonly scopes: NamesSource
  readonly tenant: { readonly path: ClaimPath; readonly names: ReadonlyMap<string, string> | null } | null
  readonly attributes: readonly (readonly [name: string, path: ClaimPath])[]
  readonly boundClients: 'all' | ReadonlySet<string> | null
}

export interface NamesSource {
  /** Tried in order. */
  readonly paths: readonly ClaimPath[]
  /** What a name means here; null where names mean what they say. */
  readonly translate: ((name: string) => readonly string[]) | null
}

export function toClaimMapping(options: ClaimOptions): ClaimMapping {
  const { rolesClaim, rolesMap, rolesPrefix, scopesClaim, scopesMap, scopesPrefix, tenantClaim, tenantMap } = options
  return {
    roles: { paths: [parseClaimPath(rolesClaim)], translate: createTranslation(rolesMap, rolesPrefix) },
    scopes: {
      paths: scopesClaim === undefined ? [['scope'], ['scp']] : [parseClaimPath(scopesClaim)],
      translate: createTranslation(scopesMap, scopesPrefix),
    },
    tenant:
      tenantClaim === undefined
        ? null
        : {
            path: parseClaimPath(tenantClaim),
            names: tenantMap === undefined ? null : new Map(Object.entries(tenantMap)),
          },
    attributes: toAttributes(options.attributes),
    boundClients: Array.isArray(options.boundClients) ? new Set(options.boundClients) : (options.boundClients ?? null),
  }
}

function createTranslation(
  map: Readonly<Record<string, string | readonly string[]>> | undefined,
  prefix: string | undefined,
): NamesSource['translate'] {
  if (map === undefined && prefix === undefined) return null
  const meanings = new Map(Object.entries(map ?? {}).map(([name, meaning]) => [name, [meaning].flat()]))
  return (name) => {
    const meaning = meanings.get(name)
    if (meaning !== undefined) return meaning
    const begins = prefix !== undefined && name.length > prefix.length && name.startsWith(prefix)
    return begins ? [name.slice(prefix.length)] : nothing
  }
}

const nothing: readonly string[] = []

/** A plain name is a claim at the top, dots and all. */
function toAttributes(attributes: ClaimOptions['attributes']): ClaimMapping['attributes'] {
  if (Array.isArray(attributes)) return attributes.map((name) => [name, [name]])
  return Object.entries(attributes).map(([name, path]) => [name, parseClaimPath(path)])
}
