import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'

type Claims = Readonly<Record<string, unknown>>

/** Nobody needs more time between signing and sending, and what was used is remembered for as long. */
const maxAssertionSeconds = 600
const maxRequestObjectSeconds = 3600
const maxIdLength = 200

const assertionTypes = new Set(['jwt', 'client-authentication+jwt'])
const requestObjectTypes = new Set(['jwt', 'oauth-authz-req+jwt'])

/**
 * What a client signs to prove who it is must be for this server, by its one name (RFC 7523 section 3 allows more;
 * a token for another server's endpoint could be replayed here).
 */
export const checkAssertion: NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> = async (
  ctx,
  claims,
  header,
) => {
  const problem =
    findTypeProblem(header, assertionTypes) ??
    findTimeProblem(claims, maxAssertionSeconds) ??
    (claims.aud === ctx.oidc.issuer ? null : '`aud` must be the issuer, and nothing else') ??
    (String(claims.jti).length > maxIdLength ? '`jti` is too long' : null)
  if (problem !== null) throw new errors.InvalidClientAuth(problem)
}

/** A signed authorization request (RFC 9101): it ends soon, and is nothing else that a client signs. */
export async function checkRequestObject(_ctx: KoaContextWithOIDC, claims: Claims, header: Claims): Promise<void> {
  const problem =
    findTypeProblem(header, requestObjectTypes) ??
    findTimeProblem(claims, maxRequestObjectSeconds) ??
    // RFC 9101 section 10.8: or it could be taken for what proves who the client is.
    (claims.sub === undefined ? null : '`sub` must not be there')
  if (problem !== null) throw new errors.InvalidRequestObject(problem)
}

function findTypeProblem({ typ }: Claims, types: ReadonlySet<string>): string | null {
  if (typ === undefined) return null
  return typeof typ === 'string' && types.has(typ.toLowerCase()) ? null : '`typ` is that of another kind of token'
}

function findTimeProblem({ exp }: Claims, maxSeconds: number): string | null {
  if (typeof exp !== 'number') return '`exp` is missing'
  return exp - Date.now() / 1000 > maxSeconds ? `it ends in more than ${maxSeconds} seconds` : null
}
