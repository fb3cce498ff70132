import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { MintedCredential, MintRequest, PolicyDeps } from '../../core/policy.ts'
import { type Algorithm, toKeyShape } from '../../crypto/tokens/algorithms.ts'
import { toClaims } from '../to-claims.ts'
import type { IssuerOptions, IssuersBlock } from './issuer-options.ts'
import type { JwtOptions } from './options.ts'

/** For this subject stand the tokens that `prove` makes for itself. */
const subject = 'portcullis-prove'
const maxLifetimeSeconds = 60

/** Signs a token as the first issuer of which whoever proves has the private key would, and writes that down in the log. */
export async function mint(
  options: JwtOptions,
  { key, roles, scopes, tenant, lifetimeSeconds, assurance }: MintRequest,
  { block, now, log }: PolicyDeps,
): Promise<MintedCredential | null> {
  const issuers = block<IssuersBlock | undefined>('issuers') ?? {}
  const name = (options.issuers ?? Object.keys(issuers)).find((one) => key(one) !== null)
  const issuer = name === undefined ? undefined : issuers[name]
  // A token that is bound needs more than a token.
  if (name === undefined || issuer === undefined || options.bound !== undefined) return null
  const claims = toClaims(issuer, { roles, scopes, tenant })
  if (claims === null) return null
  const { privateKey, keyId } = readPrivateKey(key(name) ?? '', name)
  const seconds = Math.floor(now() / 1000)
  const id = randomUUID()
  const token = await new SignJWT({
    ...claims,
    iss: issuer.issuer,
    aud: issuer.audience[0] ?? '',
    sub: subject,
    client_id: subject,
    iat: seconds,
    exp: seconds + Math.min(lifetimeSeconds, maxLifetimeSeconds),
    jti: id,
    ...(assurance !== undefined && { auth_time: seconds, ...(assurance !== null && { acr: assurance }) }),
  })
    .setProtectedHeader({
      alg: findAlgorithm(privateKey, issuer, name),
      ...(keyId !== null && { kid: keyId }),
      ...(!issuer.types.includes('absent') && { typ: issuer.types[0] }),
    })
    .sign(privateKey)
  log.info('token_minted', { token: id, issuer: issuer.issuer, principal: subject, roles, scopes })
  // It ends by itself, within the minute.
  return { headers: [['authorization', `Bearer ${token}`]], revoke: async () => {} }
}

function readPrivateKey(text: string, name: string): { privateKey: KeyObject; keyId: string | null } {
  try {
    if (!text.trimStart().startsWith('{')) return { privateKey: createPrivateKey(text), keyId: null }
    const jwk = JSON.parse(text) as { kid?: unknown }
    return {
      privateKey: createPrivateKey({ key: jwk as never, format: 'jwk' }),
      keyId: typeof jwk.kid === 'string' ? jwk.kid : null,
    }
  } catch {
    throw new Error(`the key for "${name}" is no private key that can be used (PEM or JWK)`)
  }
}

function findAlgorithm(key: KeyObject, { algorithms }: IssuerOptions, name: string): Algorithm {
  const { kty, crv } = key.export({ format: 'jwk' })
  const found = algorithms.find((algorithm) => {
    const shape = toKeyShape(algorithm)
    return shape.kty === kty && (shape.crv === null || shape.crv === crv)
  })
  if (found === undefined)
    throw new Error(`the key for "${name}" fits none of its algorithms (${algorithms.join(', ')})`)
  return found
}
