import type { ClientMetadata } from 'oidc-provider'
import { type Certificate, parseCertificate } from '../../crypto/x509/certificate.ts'
import { type DistinguishedName, isSameName } from '../../crypto/x509/names.ts'
import { readPemBlocks } from '../../crypto/x509/pem.ts'
import type { CertificateRule } from '../../stores/ports/client-store.ts'
import type { CertificateOptions } from './certificate-options.ts'

/** What oidc-provider calls the names of a certificate that stand for a client. */
const metadataNames = {
  uri: 'tls_client_auth_san_uri',
  dns: 'tls_client_auth_san_dns',
  email: 'tls_client_auth_san_email',
  subject: 'tls_client_auth_subject_dn',
} as const

/** Reads the certificates that references lead to; throws where one is none. */
export async function toCertificateRule(
  { selfSigned, ...names }: CertificateOptions,
  read: (reference: string) => Promise<string>,
): Promise<CertificateRule> {
  if (selfSigned === undefined) return names as CertificateRule
  const texts = await Promise.all(selfSigned.map(read))
  return { selfSigned: texts.flatMap((text, i) => readCertificates(text, selfSigned[i] as string)) }
}

function readCertificates(text: string, source: string): string[] {
  try {
    const blocks = readPemBlocks(text, 'CERTIFICATE')
    if (blocks.length === 0) throw new Error('there is no PEM block "CERTIFICATE"')
    return blocks.map((der) => parseCertificate(der).raw.toString('base64'))
  } catch (error) {
    throw new Error(`${source} holds no certificate that can be used: ${(error as Error).message}`)
  }
}

/** The rule as oidc-provider has it. What a subject is compared with goes through it as JSON. */
export function toCertificateMetadata(rule: CertificateRule): Partial<ClientMetadata> {
  if ('selfSigned' in rule) return { jwks: { keys: rule.selfSigned.map(toJwk) } } as Partial<ClientMetadata>
  const [kind, value] = Object.entries(rule)[0] as [keyof typeof metadataNames, unknown]
  return { [metadataNames[kind]]: typeof value === 'string' ? value : JSON.stringify(value) }
}

function toJwk(der: string) {
  return { ...parseCertificate(Buffer.from(der, 'base64')).x509.publicKey.export({ format: 'jwk' }), x5c: [der] }
}

/** @param expected what `toCertificateMetadata` wrote */
export function matchesCertificate({ names, subject }: Certificate, property: string, expected: string): boolean {
  switch (property) {
    case metadataNames.uri:
      return names.uri.includes(expected)
    case metadataNames.dns:
      return names.dns.includes(expected)
    case metadataNames.email:
      return names.email.includes(expected)
    case metadataNames.subject: {
      const wanted: DistinguishedName = JSON.parse(expected).map((rdn: Record<string, string>) => Object.entries(rdn))
      return isSameName(subject, wanted)
    }
    default:
      return false
  }
}
