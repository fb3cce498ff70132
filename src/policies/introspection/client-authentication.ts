import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { FieldPairs } from '../../core/decision.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import type { IntrospectionOptions } from './options.ts'

/** What a question brings along to prove who asks. */
export interface Proof {
  readonly headers: FieldPairs
  readonly parameters: Readonly<Record<string, string>>
}

export type ProveClient = (now: number) => Promise<Proof>

const assertionSeconds = 60
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Reads the client's secret or key now, so that a bad one is an error of the configuration. */
export async function createClientAuthentication(
  { client, issuer }: IntrospectionOptions,
  { secret }: Pick<PolicyDeps, 'secret'>,
): Promise<ProveClient> {
  const { id, method } = client
  if (method === 'privateKeyJwt') {
    const reference = client.key as string
    return createAssertions(id, client.audience ?? issuer, readKey(await secret(reference), reference))
  }
  const value = await secret(client.secret as string)
  const proof: Proof =
    method === 'basic'
      ? { headers: [['authorization', `Basic ${toBasic(id, value)}`]], parameters: {} }
      : { headers: [], parameters: { client_id: id, client_secret: value } }
  return async () => proof
}

/** RFC 6749 section 2.3.1: both are encoded as in a form first. */
function toBasic(id: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ a: text }).toString().slice(2)
  return Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')
}

/** RFC 7523 section 2.2: a JWT for each question. */
function createAssertions(id: string, audience: string, key: KeyObject): ProveClient {
  const algorithm = toAlgorithm(key)
  return async (now) => {
    const seconds = Math.floor(now / 1000)
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(audience)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + assertionSeconds)
      .sign(key)
    return {
      headers: [],
      parameters: { client_id: id, client_assertion_type: assertionType, client_assertion: assertion },
    }
  }
}

function readKey(text: string, reference: string): KeyObject {
  try {
    return text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text), format: 'jwk' })
      : createPrivateKey(text)
  } catch {
    throw new Error(`${reference} holds no private key that can be used (PEM or JWK)`)
  }
}

function toAlgorithm({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return 'RS256'
  if (type === 'ed25519') return 'EdDSA'
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256'
  throw new Error('the private key of the client must be RSA, P-256 or Ed25519')
}
