import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

type Json = Readonly<Record<string, unknown>>

/** Makes tokens as an attacker would who has a key of their own, and never the issuer's. */
export interface Forger {
  readonly publicJwk: object
  /** The public key as PEM: the secret of a key confusion attack. */
  readonly publicPem: string
  /** Signed with the attacker's key, ES256. */
  sign(header: Json, claims: Json): string
  /** Authenticated with a shared secret, HS256. */
  mac(header: Json, claims: Json, secret: string): string
  /** With no signature at all. */
  leaveUnsigned(header: Json, claims: Json): string
}

export function createForger(): Forger {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    publicJwk: publicKey.export({ format: 'jwk' }),
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }) as string,
    sign: (header, claims) => signWith(privateKey, toInput({ alg: 'ES256', typ: 'at+jwt', ...header }, claims)),
    mac(header, claims, secret) {
      const input = toInput({ alg: 'HS256', typ: 'at+jwt', ...header }, claims)
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    },
    leaveUnsigned: (header, claims) => `${toInput({ alg: 'none', typ: 'at+jwt', ...header }, claims)}.`,
  }
}

function signWith(key: KeyObject, input: string): string {
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

function toInput(header: Json, claims: Json): string {
  return `${encode(header)}.${encode(claims)}`
}

function encode(part: Json): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
