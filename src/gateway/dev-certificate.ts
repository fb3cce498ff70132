import 'reflect-metadata'
import { webcrypto, X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import * as x509 from '@peculiar/x509'

const validDays = 365

/**
 * Makes a self-signed certificate for this machine: key and certificate as one PEM text. For development only; nobody
 * but the machine's owner has a reason to trust it.
 */
export async function createDevCertificate(now: Date): Promise<string> {
  const crypto = webcrypto as unknown as Crypto
  x509.cryptoProvider.set(crypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notBefore: new Date(now.getTime() - 60_000),
    notAfter: new Date(now.getTime() + validDays * 86_400_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'dns', value: hostname().toLowerCase() },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`
}

/** False for a certificate that has ended or ends within a week: then a new one is made. */
export function isStillGood(pem: string, now: Date): boolean {
  try {
    return Date.parse(new X509Certificate(pem).validTo) - now.getTime() > 7 * 86_400_000
  } catch {
    return false
  }
}
