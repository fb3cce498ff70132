import type { webcrypto } from 'node:crypto'
import type { Algorithm } from './algorithms.ts'
import type { VerificationKey } from './verification-key.ts'

type Parameters = Readonly<{ name: string; hash?: string; saltLength?: number }>

const pkcs1: Parameters = { name: 'RSASSA-PKCS1-v1_5' }
const ed25519: Parameters = { name: 'Ed25519' }

/** What an algorithm is to WebCrypto (RFC 7518 section 3, RFC 8037); the hash of RSA belongs to the imported key. */
const parameters: Readonly<Record<Algorithm, Parameters>> = {
  RS256: pkcs1,
  RS384: pkcs1,
  RS512: pkcs1,
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  PS384: { name: 'RSA-PSS', saltLength: 48 },
  PS512: { name: 'RSA-PSS', saltLength: 64 },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  ES384: { name: 'ECDSA', hash: 'SHA-384' },
  ES512: { name: 'ECDSA', hash: 'SHA-512' },
  EdDSA: ed25519,
  Ed25519: ed25519,
}

/**
 * Whether a key signed a token that `parseCompactToken` has read: its form and header were judged there, and nothing of
 * that is done again. A key whose numbers are none signed nothing.
 */
export async function isSignedBy(text: string, algorithm: Algorithm, key: VerificationKey): Promise<boolean> {
  const dot = text.lastIndexOf('.')
  const signature = Buffer.from(text.slice(dot + 1), 'base64url')
  const signed = Buffer.from(text.slice(0, dot), 'latin1')
  const imported = await importKey(key, algorithm)
  return imported !== null && crypto.subtle.verify(parameters[algorithm], imported, signature, signed)
}

async function importKey(key: VerificationKey, algorithm: Algorithm): Promise<webcrypto.CryptoKey | null> {
  try {
    return await key.import(algorithm)
  } catch {
    return null
  }
}
