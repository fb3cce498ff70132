import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { z } from 'zod'

export type SigningAlgorithm = 'ES256' | 'EdDSA'

/** A key of ours. Every key is published; of each algorithm, the first that is `active` signs. */
export interface SigningKey {
  readonly id: string
  readonly algorithm: SigningAlgorithm
  readonly active: boolean
  readonly privateKey: KeyObject
  readonly publicJwk: Readonly<Record<string, unknown>>
}

const privateJwk = z.looseObject({ kty: z.enum(['EC', 'OKP']), d: z.string() })

/** The file: rotation adds a key as `published`, makes it `active` later, and removes the old one at the end. */
const keyFile = z.strictObject({
  version: z.literal(1),
  keys: z
    .array(
      z.strictObject({
        kid: z.string().min(1),
        alg: z.enum(['ES256', 'EdDSA']),
        status: z.enum(['active', 'published']),
        createdAt: z.iso.datetime(),
        privateJwk,
      }),
    )
    .min(1)
    .max(20),
})

/** Makes the text of a new file, with one active key for each algorithm. */
export async function createKeyFileText(now: number): Promise<string> {
  const createdAt = new Date(now).toISOString()
  const keys = []
  for (const alg of ['ES256', 'EdDSA'] as const) {
    const { privateKey, publicKey } = generateKeyPair(alg)
    const kid = await calculateJwkThumbprint(publicKey)
    keys.push({ kid, alg, status: 'active', createdAt, privateJwk: privateKey.export({ format: 'jwk' }) })
  }
  return `${JSON.stringify({ version: 1, keys }, null, 2)}\n`
}

/** Reads the text of a file; throws where it cannot be used. What is wrong is said without what stands there. */
export function parseKeyFile(text: string): readonly SigningKey[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
  const parsed = keyFile.safeParse(document)
  if (!parsed.success) throw new Error(`${parsed.error.issues[0]?.path.join('.')} is not what it should be`)
  return parsed.data.keys.map(({ kid, alg, status, privateJwk }): SigningKey => {
    const privateKey = readPrivateKey(kid, alg, privateJwk)
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
    return {
      id: kid,
      algorithm: alg,
      active: status === 'active',
      privateKey,
      publicJwk: { ...jwk, kid, alg, use: 'sig' },
    }
  })
}

/** The key that signs; throws where the file has none. */
export function findSigner(keys: readonly SigningKey[], algorithm: SigningAlgorithm): SigningKey {
  const key = keys.find((each) => each.active && each.algorithm === algorithm)
  if (key === undefined) throw new Error(`it holds no active key for ${algorithm}`)
  return key
}

function generateKeyPair(algorithm: SigningAlgorithm) {
  return algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
}

function readPrivateKey(kid: string, algorithm: SigningAlgorithm, jwk: z.output<typeof privateJwk>): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey({ key: jwk, format: 'jwk' })
  } catch {
    throw new Error(`the key ${kid} is no private key`)
  }
  const fits =
    algorithm === 'ES256' ? key.asymmetricKeyDetails?.namedCurve === 'prime256v1' : key.asymmetricKeyType === 'ed25519'
  if (!fits) throw new Error(`the key ${kid} is none for ${algorithm}`)
  return key
}
