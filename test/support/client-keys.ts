import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, importJWK, SignJWT } from 'jose'

/** A key of a client of the identity server. */
export interface ClientKey {
  readonly alg: string
  readonly kid: string
  /** The public half, as the client gives it. */
  readonly jwk: object
  readonly privateKey: KeyObject
  readonly cryptoKey: CryptoKey
}

export async function createClientKey(alg: 'ES256' | 'EdDSA' | 'PS256' | 'RS256', kid: string): Promise<ClientKey> {
  const { publicKey, privateKey } = generate(alg)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg }
  const cryptoKey = (await importJWK(privateKey.export({ format: 'jwk' }) as never, alg)) as CryptoKey
  return { alg, kid, jwk, privateKey, cryptoKey }
}

function generate(alg: string) {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** Signs what a test wants to be signed, with whatever header it wants. */
export function signAs(key: ClientKey, claims: Record<string, unknown>, header: Record<string, unknown> = {}) {
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey)
}

export interface KeyServer {
  readonly url: string
  keys: readonly object[]
  /** While it is not 200, the keys cannot be read. */
  status: number
  readonly asked: number
  stop(): void
}

/** Where a client publishes its keys. */
export async function startKeyServer(keys: readonly object[]): Promise<KeyServer> {
  const state = { keys, status: 200, asked: 0 }
  const server = createServer((_request, response) => {
    state.asked++
    response.writeHead(state.status, { 'content-type': 'application/jwk-set+json' })
    response.end(JSON.stringify({ keys: state.keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    stop: () => server.close(),
  })
}
