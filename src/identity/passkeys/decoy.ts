import { generateKeyPairSync } from 'node:crypto'

/** A key that nobody has: what names no passkey of ours is verified with it, in the same time as what does. */
export function createDecoyKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  // A COSE key of ES256 on P-256 (RFC 9053 section 7.1.1).
  const head = Buffer.from('a5010203262001', 'hex')
  const [first, second] = [Buffer.from('215820', 'hex'), Buffer.from('225820', 'hex')]
  return Buffer.concat([head, first, Buffer.from(x, 'base64url'), second, Buffer.from(y, 'base64url')]).toString(
    'base64url',
  )
}
