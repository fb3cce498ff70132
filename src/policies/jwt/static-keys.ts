import { createPublicKey } from 'node:crypto'
import type { Algorithm } from '../../crypto/tokens/algorithms.ts'
import { type KeySet, parseKeySet } from './key-set.ts'

/** Reads keys that were given as text: a JWK set, a single JWK, or PEM (public keys and certificates). */
export function parseStaticKeys(text: string, algorithms: readonly Algorithm[]): KeySet {
  return parseKeySet({ keys: toJwks(text.trim()) }, algorithms)
}

function toJwks(text: string): unknown[] {
  if (text.startsWith('-----BEGIN ')) return readPem(text)
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new Error('it is neither PEM nor JSON')
  }
  const { keys } = (document ?? {}) as { keys?: unknown }
  return Array.isArray(keys) ? keys : [document]
}

function readPem(text: string): unknown[] {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g) ?? []
  return blocks.map((block) => {
    if (block.includes('PRIVATE KEY')) throw new Error('it holds a private key; give the public one')
    try {
      return createPublicKey(block).export({ format: 'jwk' })
    } catch {
      throw new Error('it holds a PEM block that is no public key or certificate')
    }
  })
}
