import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, SignJWT } from 'jose'
import { createTestKey, type TestKey } from './issuer.ts'

export interface ProofValues {
  readonly token?: string
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  /** Signs in the place of the client's own key. */
  readonly signer?: TestKey
}

/** A client that holds a key, and makes proofs of it for `GET https://api.example.com/orders`. */
export interface DpopClient {
  readonly key: TestKey
  /** What a token that is bound to it holds. */
  readonly cnf: { readonly jkt: string }
  prove(values: ProofValues): Promise<string>
}

export async function createDpopClient(alg = 'ES256'): Promise<DpopClient> {
  const key = createTestKey(alg)
  const jwk = key.publicKey.export({ format: 'jwk' })
  return {
    key,
    cnf: { jkt: await calculateJwkThumbprint(jwk) },
    prove({ token = '', claims = {}, header = {}, signer = key }) {
      const payload = {
        jti: randomUUID(),
        htm: 'GET',
        htu: 'https://api.example.com/orders',
        iat: Math.floor(Date.now() / 1000),
        ath: createHash('sha256').update(token).digest('base64url'),
        ...claims,
      }
      return new SignJWT(payload).setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header }).sign(signer.privateKey)
    },
  }
}
