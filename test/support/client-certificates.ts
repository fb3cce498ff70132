import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { toPem } from '../../src/crypto/x509/pem.ts'
import type { IssuedCertificate } from './certificate-authority.ts'

export { x509 }

export interface CertificateWish {
  /** In RFC 4514's order, as the library takes it: the certificate has it the same way round. */
  readonly subject?: string
  readonly names?: readonly { readonly type: 'dns' | 'url' | 'email'; readonly value: string }[]
  /** In days from now. Default: from yesterday to tomorrow. */
  readonly from?: number
  readonly to?: number
  readonly purposes?: readonly string[] | null
  /** Further or other extensions. */
  readonly extensions?: readonly x509.Extension[]
}

export interface AuthorityWish extends CertificateWish {
  /** Whether its certificate says that it is an authority. Default true. */
  readonly isAuthority?: boolean
  readonly pathLength?: number
  readonly keyUsage?: number
}

export interface ClientAuthority {
  readonly cert: string
  readonly x509: x509.X509Certificate
  issue(wish?: CertificateWish): Promise<IssuedCertificate & { readonly x509: x509.X509Certificate }>
  issueAuthority(wish?: AuthorityWish): Promise<ClientAuthority>
  /** A revocation list, PEM. */
  revoke(
    certificates: readonly x509.X509Certificate[],
    days?: { readonly from: number; readonly to: number },
    extensions?: readonly x509.Extension[],
  ): Promise<string>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000
const crypto = webcrypto as unknown as Crypto
const generate = () =>
  crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as unknown as Promise<webcrypto.CryptoKeyPair>

/** An authority for clients, with authorities below it, leaves and revocation lists. */
export async function createClientAuthority(wish: AuthorityWish = {}): Promise<ClientAuthority> {
  x509.cryptoProvider.set(crypto)
  const keys = await generate()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: wish.subject ?? 'CN=Test clients',
    ...toValidity(wish),
    serialNumber: toSerial(),
    keys,
    signingAlgorithm: algorithm,
    extensions: authorityExtensions(wish),
  })
  return toAuthority(certificate, keys)
}

function toAuthority(certificate: x509.X509Certificate, { privateKey }: webcrypto.CryptoKeyPair): ClientAuthority {
  const create = async (wish: CertificateWish, extensions: readonly x509.Extension[]) => {
    const keys = await generate()
    const made = await x509.X509CertificateGenerator.create({
      subject: wish.subject ?? 'CN=client',
      issuer: certificate.subjectName,
      ...toValidity(wish),
      serialNumber: toSerial(),
      signingKey: privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: algorithm,
      extensions: [...extensions],
    })
    return { made, keys }
  }
  return {
    cert: certificate.toString('pem'),
    x509: certificate,
    async issue(wish = {}) {
      const { names = [], purposes = [x509.ExtendedKeyUsage.clientAuth], extensions = [] } = wish
      const { made, keys } = await create(wish, [
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension([...names])] : []),
        ...(purposes === null ? [] : [new x509.ExtendedKeyUsageExtension([...purposes])]),
        ...extensions,
      ])
      const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
      return { x509: made, cert: made.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
    },
    async issueAuthority(wish = {}) {
      const { made, keys } = await create({ subject: 'CN=Between', ...wish }, authorityExtensions(wish))
      return toAuthority(made, keys)
    },
    async revoke(certificates, days = { from: -1, to: 1 }, extensions = []) {
      const list = await x509.X509CrlGenerator.create({
        issuer: certificate.subjectName,
        thisUpdate: new Date(Date.now() + days.from * dayMs),
        nextUpdate: new Date(Date.now() + days.to * dayMs),
        signingAlgorithm: algorithm,
        signingKey: privateKey,
        entries: certificates.map(({ serialNumber }) => ({ serialNumber, revocationDate: new Date() })),
        extensions: [...extensions],
      })
      return toPem(new Uint8Array(list.rawData), 'X509 CRL')
    },
  }
}

function authorityExtensions(wish: AuthorityWish): x509.Extension[] {
  const { isAuthority = true, pathLength, extensions = [] } = wish
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags
  return [
    ...(isAuthority ? [new x509.BasicConstraintsExtension(true, pathLength, true)] : []),
    new x509.KeyUsagesExtension(wish.keyUsage ?? keyCertSign | cRLSign, true),
    ...extensions,
  ]
}

function toValidity({ from = -1, to = 1 }: CertificateWish) {
  return { notBefore: new Date(Date.now() + from * dayMs), notAfter: new Date(Date.now() + to * dayMs) }
}

function toSerial(): string {
  return `00${randomBytes(8).toString('hex')}`.replace(/^00/, '7f')
}
