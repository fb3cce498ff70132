import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { toPem } from './pem.ts'

export interface SelfSignedWish {
  /** RDNs by object identifier, in order. */
  readonly subject: readonly (readonly [oid: string, value: string])[]
  readonly names?: { readonly dns?: string; readonly uri?: string; readonly email?: string }
  readonly isAuthority?: boolean
  readonly now: number
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2'
const clientAuthentication = '1.3.6.1.5.5.7.3.2'
const lifetimeMs = 3_600_000

/** A certificate that vouches for itself, with its key, as PEM: what an attacker can make, who has no authority's key. */
export function createSelfSigned({ subject, names = {}, isAuthority = false, now }: SelfSignedWish): {
  readonly cert: string
  readonly key: string
} {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, oid(ecdsaWithSha256))
  const name = der(0x30, ...subject.map(([type, value]) => der(0x31, der(0x30, oid(type), der(0x0c, value)))))
  const alternative = [
    ...(names.email === undefined ? [] : [der(0x81, names.email)]),
    ...(names.dns === undefined ? [] : [der(0x82, names.dns)]),
    ...(names.uri === undefined ? [] : [der(0x86, names.uri)]),
  ]
  const extensions = [
    ...(isAuthority ? [extension('2.5.29.19', der(0x30, der(0x01, Buffer.of(0xff))))] : []),
    ...(isAuthority ? [] : [extension('2.5.29.37', der(0x30, oid(clientAuthentication)))]),
    ...(alternative.length === 0 ? [] : [extension('2.5.29.17', der(0x30, ...alternative))]),
  ]
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    der(0x30, time(now - lifetimeMs), time(now + lifetimeMs)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, der(0x30, ...extensions)),
  )
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', toBeSigned, privateKey)]))
  return {
    cert: toPem(der(0x30, toBeSigned, algorithm, signature), 'CERTIFICATE'),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}

function extension(type: string, value: Buffer): Buffer {
  return der(0x30, oid(type), der(0x04, value))
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const groups = [number & 0x7f]
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left & 0x7f))
    return groups
  })
  return der(0x06, Buffer.from(bytes))
}

function time(ms: number): Buffer {
  return der(0x18, `${new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)}Z`)
}

function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}
