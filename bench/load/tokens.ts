import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TokenRange } from '../harness/wrk.ts'

export const issuer = 'https://login.example.com/'
export const audience = 'shop'

/** How many clients there are; each sends one token again and again until it expires. */
const clients = 100
const lifetimeSeconds = 24 * 3600
const signAsync = promisify((data: Buffer, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) =>
  sign('sha256', data, key, done),
)

/** Tokens of an issuer that exists for this run only. */
export interface TokenFiles {
  readonly publicKeyFile: string
  readonly keySetFile: string
  /** One token per client, to be sent again and again. */
  readonly repeating: TokenRange
  /** One of those, for a request by hand. */
  readonly sample: string
  /** Signs `count` tokens that were never sent before: about 5 000 a second on two cores. */
  mintFresh(count: number): Promise<FreshTokens>
}

export interface FreshTokens {
  readonly count: number
  range(first: number, count: number): TokenRange
}

export async function createTokenFiles(folder: string): Promise<TokenFiles> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKeyFile = join(folder, 'issuer.pem')
  const keySetFile = join(folder, 'issuer.jwks.json')
  await writeFile(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }))
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }
  await writeFile(keySetFile, JSON.stringify({ keys: [key] }))

  const tokens = await Promise.all(Array.from({ length: clients }, (_, i) => mintToken(privateKey, i)))
  const repeatingFile = join(folder, 'repeating.tokens')
  await writeFile(repeatingFile, `${tokens.join('\n')}\n`)

  return {
    publicKeyFile,
    keySetFile,
    repeating: { file: repeatingFile, offset: 0, count: clients },
    sample: tokens[0] as string,
    mintFresh: (count) => mintFreshTokens(privateKey, join(folder, 'fresh.tokens'), count),
  }
}

async function mintFreshTokens(key: KeyObject, file: string, count: number): Promise<FreshTokens> {
  const batch = 1_000
  let lineBytes = 0
  await using output = await open(file, 'w')
  for (let first = 0; first < count; first += batch) {
    const length = Math.min(batch, count - first)
    const tokens = await Promise.all(Array.from({ length }, (_, i) => mintToken(key, clients + first + i)))
    lineBytes = (tokens[0] as string).length + 1
    await output.write(`${tokens.join('\n')}\n`)
  }
  return {
    count,
    range(first, length) {
      if (first + length > count) throw new RangeError(`there are ${count} tokens, not ${first + length}`)
      return { file, offset: first * lineBytes, count: length, once: true }
    },
  }
}

/** Numbers have a fixed width, so that all tokens are of one length and a range of the file can be found by counting. */
async function mintToken(key: KeyObject, number: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const digits = String(number).padStart(8, '0')
  const header = encode({ alg: 'RS256', typ: 'at+jwt', kid: 'bench' })
  const claims = encode({
    iss: issuer,
    aud: audience,
    sub: `client-${String(number % 1_000).padStart(4, '0')}`,
    client_id: 'shop-app',
    jti: `token-${digits}`,
    iat: now,
    exp: now + lifetimeSeconds,
    scope: 'orders:read',
    roles: ['customer'],
  })
  const signature = await signAsync(Buffer.from(`${header}.${claims}`), key)
  return `${header}.${claims}.${signature.toString('base64url')}`
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
