import type { Principal } from '../../core/principal.ts'

export interface IdentityContext {
  readonly issuer: string
  readonly audience: string
  readonly lifetimeMs: number
}

/**
 * What the upstream is told. `sub` alone is unique only together with who vouches for it, so `sub_id` (RFC 9493) holds
 * both: an upstream that trusts several issuers keys its records by that.
 */
export function toIdentityClaims(principal: Principal, context: IdentityContext, now: number): object {
  const issuedAt = Math.floor(now / 1000)
  const { id, kind, issuer, tenant, roles, scopes, attributes, credential, assurance } = principal
  return {
    iss: context.issuer,
    aud: context.audience,
    iat: issuedAt,
    exp: issuedAt + Math.floor(context.lifetimeMs / 1000),
    sub: id,
    sub_id: { format: 'iss_sub', iss: issuer, sub: id },
    kind,
    roles,
    scope: scopes.join(' '),
    ...(tenant !== null && { tenant }),
    ...(assurance !== null && { acr: assurance }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    credential,
  }
}

/** Everything of a principal that a token says: equal texts make equal tokens. */
export function toContentKey(principal: Principal): string {
  const { id, kind, issuer, tenant, roles, scopes, attributes, credential, assurance } = principal
  return JSON.stringify([
    id,
    kind,
    issuer,
    tenant,
    roles,
    scopes,
    attributes,
    credential.policy,
    credential.id,
    assurance,
  ])
}
