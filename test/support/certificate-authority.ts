import 'reflect-metadata'
import { randomUUID, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface IssuedCertificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

export interface TestAuthority {
  /** The authority's own certificate, PEM. */
  readonly ca: string
  /** @param names what the certificate is for: DNS names and addresses */
  issue(names: readonly string[], days?: { readonly from: number; readonly to: number }): Promise<IssuedCertificate>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000

/** A certificate authority that nobody trusts but who is told to. */
export async function createTestAuthority(): Promise<TestAuthority> {
  const crypto = webcrypto as unknown as Crypto
  x509.cryptoProvider.set(crypto)
  const generate = () =>
    crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as unknown as Promise<webcrypto.CryptoKeyPair>
  const authorityKeys = await generate()
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Test authority ${randomUUID()}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  return {
    ca: authority.toString('pem'),
    async issue(names, days = { from: -1, to: 1 }) {
      const keys = await generate()
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${names[0]}`,
        issuer: authority.subject,
        notBefore: new Date(Date.now() + days.from * dayMs),
        notAfter: new Date(Date.now() + days.to * dayMs),
        signingKey: authorityKeys.privateKey,
        publicKey: keys.publicKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value })),
          ),
        ],
      })
      const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
      return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
    },
  }
}
