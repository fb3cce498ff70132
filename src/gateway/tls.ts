import { constants, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls'
import type { CertificateJudge } from '../core/client-certificate.ts'

/** Mozilla's intermediate profile: TLS 1.2 and 1.3, forward secrecy and authenticated encryption only. */
const profile: TlsOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  honorCipherOrder: false,
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  // A client of TLS 1.2 could make us pay for handshake after handshake on one connection.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
}

/** Whom client certificates may come from, and what of it goes into the handshake. */
export interface ClientCertificates extends CertificateJudge {
  /** PEM. */
  readonly ca: string
  readonly crl: readonly string[]
  readonly mode: 'request' | 'require'
}

/** PEM texts of one certificate with its chain, and of its key. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
  /** For messages. */
  readonly source: string
}

/** Certificates ready to be offered. */
export interface CertificateSet {
  readonly options: TlsOptions
  /** The context for a server name (SNI); the first certificate's where no name matches. */
  select(serverName: string): SecureContext
  /** Null where clients are not asked for one. */
  readonly clients: ClientCertificates | null
  /** The earliest end of validity, in epoch milliseconds. */
  readonly expiresAt: number
}

export async function readCertificatePair(cert: string, key: string): Promise<CertificatePair> {
  return { cert: await readPem(cert, 'certificate'), key: await readPem(key, 'key'), source: cert }
}

/** Throws an error that names the file where a certificate and its key do not fit or cannot be read. */
export function createCertificateSet(
  pairs: readonly CertificatePair[],
  clients: ClientCertificates | null = null,
): CertificateSet {
  const shared = clients === null ? profile : { ...profile, ...toClientOptions(clients) }
  const entries = pairs.map((pair) => {
    const certificate = parseCertificate(pair)
    try {
      return { context: createSecureContext({ ...shared, cert: pair.cert, key: pair.key }), ...certificate }
    } catch (error) {
      throw new Error(`${pair.source}: the certificate and its key cannot be used: ${(error as Error).message}`)
    }
  })
  const [first] = entries
  const [firstPair] = pairs
  if (first === undefined || firstPair === undefined) throw new Error('an HTTPS listener needs a certificate')

  const select = (serverName: string): SecureContext => {
    const name = serverName.toLowerCase()
    const parent = name.slice(name.indexOf('.'))
    const entry =
      entries.find(({ names }) => names.has(name)) ?? entries.find(({ names }) => names.has(`*${parent}`)) ?? first
    return entry.context
  }
  return {
    options: { ...shared, cert: firstPair.cert, key: firstPair.key },
    select,
    clients,
    expiresAt: Math.min(...entries.map(({ expiresAt }) => expiresAt)),
  }
}

/**
 * What the handshake knows of client certificates. No session is resumed: it would bring back a verdict on a certificate
 * that may have been revoked since.
 */
function toClientOptions({ ca, crl, mode }: ClientCertificates): TlsOptions {
  return {
    ca,
    ...(crl.length > 0 && { crl: [...crl] }),
    allowPartialTrustChain: true,
    requestCert: true,
    rejectUnauthorized: mode === 'require',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
  }
}

function parseCertificate(pair: CertificatePair): { names: ReadonlySet<string>; expiresAt: number } {
  try {
    const certificate = new X509Certificate(pair.cert)
    const names = (certificate.subjectAltName ?? '')
      .split(', ')
      .filter((entry) => entry.startsWith('DNS:'))
      .map((entry) => entry.slice(4).toLowerCase())
    return { names: new Set(names), expiresAt: Date.parse(certificate.validTo) }
  } catch (error) {
    throw new Error(`${pair.source}: not a PEM certificate: ${(error as Error).message}`)
  }
}

async function readPem(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(`the ${what} ${path} cannot be read: ${(error as Error).message}`)
  }
}
