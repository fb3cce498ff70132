import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'

/** A signing key of a test issuer. */
export interface TestKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: Record<string, unknown>
}

/** An issuer of tokens on loopback that publishes its keys over HTTP. */
export interface TestIssuer {
  readonly url: string
  readonly jwksUrl: string
  /** How often each path was asked for. */
  readonly requests: Map<string, number>
  /** Signed with the newest key; `claims` and `header` go on top of what a good token has. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: TestKey): Promise<string>
  /** Publishes these keys from now on; the first one signs. */
  publish(...keys: TestKey[]): void
  /** Answers requests in another way, until `null`. */
  answerWith(listener: RequestListener | null): void
  close(): void
}

let keyCount = 0

export function createTestKey(alg = 'ES256', kid = `key-${++keyCount}`): TestKey {
  const { privateKey, publicKey } = generateKeys(alg)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }
  return { kid, alg, privateKey, publicKey, jwk }
}

function generateKeys(alg: string) {
  if (alg.startsWith('ES')) {
    const namedCurve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[alg] ?? alg
    return generateKeyPairSync('ec', { namedCurve })
  }
  if (alg.startsWith('Ed')) return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** What `SignJWT` makes of good claims, an hour long, for the audience `shop`. */
export async function signTestToken(
  issuer: string,
  key: TestKey,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload = { iss: issuer, aud: 'shop', sub: 'customer-1', iat: now, exp: now + 3600, ...claims }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
    .sign(key.privateKey)
}

export async function createTestIssuer(...keys: TestKey[]): Promise<TestIssuer> {
  let published = keys.length === 0 ? [createTestKey()] : keys
  let override: RequestListener | null = null
  const requests = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.set(path, (requests.get(path) ?? 0) + 1)
    if (override !== null) return override(request, response)
    const document =
      path === '/jwks.json'
        ? { keys: published.map(({ jwk }) => jwk) }
        : path === '/.well-known/openid-configuration'
          ? { issuer: url, jwks_uri: `${url}/jwks.json` }
          : null
    response.writeHead(document === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    jwksUrl: `${url}/jwks.json`,
    requests,
    sign: (claims, header, key = published[0] as TestKey) => signTestToken(url, key, claims, header),
    publish(...next) {
      published = next
    },
    answerWith(listener) {
      override = listener
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
