import type { ClientCertificate } from '../../core/client-certificate.ts'
import { parseCertificate } from '../../crypto/x509/certificate.ts'
import { type CedarValue, UnusableValue } from './cedar-value.ts'

/** By what the transport hands out, which is one object for as long as its verdict holds. */
const known = new WeakMap<ClientCertificate, { [key: string]: CedarValue }>()

/** What policies see of the certificate of the connection. */
export function toCertificateRecord(certificate: ClientCertificate): { [key: string]: CedarValue } {
  let record = known.get(certificate)
  if (record === undefined) {
    record = read(certificate)
    known.set(certificate, record)
  }
  return record
}

function read({ raw, thumbprint }: ClientCertificate): { [key: string]: CedarValue } {
  try {
    const { x509, names } = parseCertificate(raw)
    return {
      thumbprint,
      subject: x509.subject.split('\n').join(', '),
      uris: [...names.uri],
      dnsNames: [...names.dns],
      emails: [...names.email],
    }
  } catch (error) {
    throw new UnusableValue(`the client certificate cannot be read: ${(error as Error).message}`)
  }
}
