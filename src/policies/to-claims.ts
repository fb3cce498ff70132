import type { ClaimOptions } from './claim-options.ts'
import { parseClaimPath } from './claim-path.ts'

export interface Rights {
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** What the tenant is called where the claims must name one, and any name will do. */
  readonly tenant: string
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
  if (tenantClaim !== undefined) {
    writeClaim(claims, parseClaimPath(tenantClaim), tenantMap === undefined ? tenant : Object.keys(tenantMap)[0])
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

function writeClaim(claims: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = claims
  for (const name of path.slice(0, -1)) {
    place[name] ??= {}
    place = place[name] as Record<string, unknown>
  }
  place[path.at(-1) as string] = value
}
