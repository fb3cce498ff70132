import { listIssuers } from '../../identity/issuers.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { listResources } from '../../identity/resources.ts'
import { type IssuersBlock, issuerOptions } from '../../policies/jwt/issuer-options.ts'
import type { Report } from '../config-error.ts'

/** How much later than it says a token of ours may come: all clocks of one deployment are ours. */
const clockTolerance = '5s'

/**
 * The issuers of a file with the identity server among them: each of its resources is an issuer of its own to `jwt`, so
 * that a route can be told for which of them a token must be.
 */
export function withOwnIssuers(
  issuers: IssuersBlock | undefined,
  identity: IdentityOptions | undefined,
  report: Report,
): IssuersBlock | undefined {
  if (identity === undefined) return issuers
  const own: Record<string, IssuersBlock[string]> = {}
  for (const each of listIssuers(identity)) {
    for (const { name, identifier } of listResources(each)) {
      if (issuers !== undefined && Object.hasOwn(issuers, name)) {
        const hint = 'The identity server believes its own tokens by itself: call the other issuer something else.'
        report.add(['issuers', name], `"${name}" is what a resource of \`identity\` is called`, { hint })
      }
      own[name] = toIssuer(each, identifier)
    }
  }
  return { ...issuers, ...own }
}

function toIssuer({ issuer, realm }: IdentityOptions, audience: string): IssuersBlock[string] {
  // `keys` only has the schema ask for no address.
  const { keys: _, ...parsed } = issuerOptions.parse({
    issuer,
    audience,
    algorithms: ['ES256'],
    types: ['at+jwt'],
    clockTolerance,
    keys: 'file:none',
    // A token that says another tenant, or none, is none of its own.
    ...(realm !== undefined && { tenantClaim: 'tenant', tenantMap: { [realm]: realm } }),
  })
  return { ...parsed, own: true, ...(realm !== undefined && { ofTenant: realm }) }
}
