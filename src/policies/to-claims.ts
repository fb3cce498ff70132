import type { ClaimOptions } from './claim-options.ts'
import { parseClaimPath } from './claim-path.ts'

export interface Rights {
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Absent: any will do, where the claims must name one. */
  readonly tenant?: string | undefined
}

/** The claims that an issuer would write for these rights; null where it has no words for them. */
export function toClaims(options: ClaimOptions, { roles, scopes, tenant }: Rights): Record<string, unknown> | null {
  const { rolesClaim, rolesMap, rolesPrefix, scopesClaim, scopesMap, scopesPrefix, tenantClaim, tenantMap } = options
  const roleNames = roles.map((role) => findName(role, rolesMap, rolesPrefix))
  const scopeNames = scopes.map((scope) => findName(scope, scopesMap, scopesPrefix))
  if (roleNames.includes(null) || scopeNames.includes(null) || options.boundClients === 'all') return null
  const claims: Record<string, unknown> = {}
  writeClaim(claims, parseClaimPath(rolesClaim), roleNames)
  writeClaim(claims, parseClaimPath(scopesClaim ?? 'scope'), scopeNames.join(' '))
  if (tenantClaim === undefined && tenant !== undefined) return null
  if (tenantClaim !== undefined) {
    const name = findTenant(tenant, tenantMap)
    if (name === null) return null
    writeClaim(claims, parseClaimPath(tenantClaim), name)
  }
  return claims
}

/** The shortest way to say it: a name of the map that means this and nothing else comes first. */
function findName(
  meaning: string,
  map: Readonly<Record<string, string | readonly string[]>> | undefined,
  prefix: string | undefined,
): string | null {
  if (map === undefined && prefix === undefined) return meaning
  const named = Object.entries(map ?? {}).filter(([, meanings]) => [meanings].flat().includes(meaning))
  const [found] = named.sort(([, a], [, b]) => [a].flat().length - [b].flat().length)
  if (found !== undefined) return found[0]
  return prefix === undefined ? null : prefix + meaning
}

function findTenant(tenant: string | undefined, map: ClaimOptions['tenantMap']): string | null {
  if (map === undefined) return tenant ?? 'portcullis-prove'
  const found = Object.entries(map).find(([, meaning]) => tenant === undefined || meaning === tenant)
  return found?.[0] ?? null
}

function writeClaim(claims: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = claims
  for (const name of path.slice(0, -1)) {
    place[name] ??= {}
    place = place[name] as Record<string, unknown>
  }
  place[path.at(-1) as string] = value
}
