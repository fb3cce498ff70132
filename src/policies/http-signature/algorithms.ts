import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'

export const algorithms = ['hmac-sha256', 'ecdsa-p256-sha256', 'ed25519', 'rsa-pss-sha512', 'rsa-v1_5-sha256'] as const

export type Algorithm = (typeof algorithms)[number]

/** Whether these bytes are the key's signature of a text. Never throws. */
export type Verifier = (base: string, signature: Uint8Array) => boolean

/** Signs a text, as a caller does. */
export type Signer = (base: string) => Buffer

const minSecretBytes = 32
const minRsaBits = 2048

/** Throws in words for the operator where a secret is too short. */
export function createSecretVerifier(secret: Buffer): Verifier {
  if (secret.length < minSecretBytes) {
    throw new Error(`the secret has ${secret.length} bytes; hmac-sha256 needs ${minSecretBytes} or more`)
  }
  return (base, signature) => {
    const expected = createHmac('sha256', secret).update(base).digest()
    return signature.length === expected.length && timingSafeEqual(expected, signature)
  }
}

/** Throws in words for the operator where the key is not one for this algorithm. */
export function createKeyVerifier(algorithm: Exclude<Algorithm, 'hmac-sha256'>, key: KeyObject): Verifier {
  checkKey(algorithm, key)
  const check = (base: string, signature: Uint8Array): boolean => {
    const data = Buffer.from(base)
    switch (algorithm) {
      case 'ecdsa-p256-sha256':
        return signature.length === 64 && verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
      case 'ed25519':
        return verify(null, data, key, signature)
      case 'rsa-pss-sha512':
        return verify('sha512', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }, signature)
      case 'rsa-v1_5-sha256':
        return verify('sha256', data, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
    }
  }
  return (base, signature) => {
    try {
      return check(base, signature)
    } catch {
      return false
    }
  }
}

export function createSecretSigner(secret: Buffer): Signer {
  return (base) => createHmac('sha256', secret).update(base).digest()
}

/** Throws in words for the operator where the key is not one for this algorithm. */
export function createKeySigner(algorithm: Exclude<Algorithm, 'hmac-sha256'>, key: KeyObject): Signer {
  checkKey(algorithm, key)
  switch (algorithm) {
    case 'ecdsa-p256-sha256':
      return (base) => sign('sha256', Buffer.from(base), { key, dsaEncoding: 'ieee-p1363' })
    case 'ed25519':
      return (base) => sign(null, Buffer.from(base), key)
    case 'rsa-pss-sha512':
      return (base) =>
        sign('sha512', Buffer.from(base), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 })
    case 'rsa-v1_5-sha256':
      return (base) => sign('sha256', Buffer.from(base), { key, padding: constants.RSA_PKCS1_PADDING })
  }
}

/** Reads a private key from PEM or a JWK. */
export function parsePrivateKey(text: string, name: string): KeyObject {
  try {
    return text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text), format: 'jwk' })
      : createPrivateKey(text)
  } catch {
    throw new Error(`the key for "${name}" is no private key that can be used (PEM or JWK)`)
  }
}

/** Reads a public key from PEM or a JWK. */
export function parsePublicKey(text: string): KeyObject {
  if (text.includes('PRIVATE KEY')) throw new Error('it holds a private key; give the public one')
  if (text.trimStart().startsWith('-----BEGIN ')) return createPublicKey(text)
  const jwk = JSON.parse(text) as { d?: unknown; k?: unknown }
  if (jwk.d !== undefined || jwk.k !== undefined) throw new Error('it holds a private or a secret key')
  return createPublicKey({ key: jwk as never, format: 'jwk' })
}

function checkKey(algorithm: Algorithm, { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): void {
  const fits =
    algorithm === 'ed25519'
      ? type === 'ed25519'
      : algorithm === 'ecdsa-p256-sha256'
        ? type === 'ec' && details?.namedCurve === 'prime256v1'
        : type === 'rsa' || (type === 'rsa-pss' && algorithm === 'rsa-pss-sha512')
  if (!fits) throw new Error(`a key of type ${type} is none for ${algorithm}`)
  const bits = details?.modulusLength
  if (bits !== undefined && bits < minRsaBits) throw new Error(`an RSA key of ${bits} bits; ${minRsaBits} are needed`)
}
