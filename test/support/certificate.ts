import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A key and a certificate that signs itself, as PEM. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

const ecdsaWithSha256 = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
const commonName = [0x06, 0x03, 0x55, 0x04, 0x03]
const subjectAltName = [0x06, 0x03, 0x55, 0x1d, 0x11]

/** Makes a certificate for one DNS name that holds for an hour: X.509 by hand, so that tests need no other program. */
export function createTestCertificate(name: string): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, ecdsaWithSha256)
  const subject = der(0x30, der(0x31, der(0x30, commonName, der(0x0c, Buffer.from(name)))))
  const names = der(0x30, der(0x82, Buffer.from(name)))
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01], randomBytes(8)),
    algorithm,
    subject,
    der(0x30, toUtcTime(Date.now() - 3_600_000), toUtcTime(Date.now() + 3_600_000)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, der(0x30, der(0x30, subjectAltName, der(0x04, names)))),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const certificate = der(0x30, toBeSigned, algorithm, der(0x03, [0], signature))
  const body = certificate.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  }
}

function der(tag: number, ...parts: (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Uint8Array.from([tag, ...length]), body])
}

function toUtcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '')
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`))
}
