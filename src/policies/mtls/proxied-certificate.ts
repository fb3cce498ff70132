import type { Fields } from '../../core/fields.ts'
import { readPemBlocks } from '../../crypto/x509/pem.ts'
import type { proxyFields } from './options.ts'

/** What a proxy says of its client. */
export interface ProxiedCertificate {
  readonly raw: Uint8Array
  readonly chain: readonly Uint8Array[]
}

const maxFieldLength = 32 * 1024
const maxChain = 8

/** Reads the certificate from the fields of a trusted proxy; null where it says that there was none. */
export function readProxiedCertificate(
  fields: Fields,
  name: (typeof proxyFields)[number],
): ProxiedCertificate | null | 'invalid' {
  const values = fields.all(name)
  const [value] = values
  // NGINX writes an empty value, or leaves the field out, where there was no certificate.
  if (value === undefined || (value === '' && values.length === 1)) return null
  // Two of them: the proxy's own, and one that it let pass from outside.
  if (values.length > 1 || value.length > maxFieldLength) return 'invalid'
  if (name !== 'client-cert') return readEscapedPem(value)
  const raw = readByteSequence(value)
  const chain = readChain(fields.all('client-cert-chain'))
  return raw === null || chain === null ? 'invalid' : { raw, chain }
}

/** A list of byte sequences, from the certificate's authority upwards (RFC 9440 section 2.3). */
function readChain(values: readonly string[]): Buffer[] | null {
  if (values.length === 0) return []
  const text = values.join(',')
  if (text.length > maxFieldLength) return null
  const members = text.split(',')
  if (members.length > maxChain) return null
  const chain: Buffer[] = []
  for (const member of members) {
    const raw = readByteSequence(member.trim())
    if (raw === null) return null
    chain.push(raw)
  }
  return chain
}

/** RFC 9651 section 3.3.5, without the leniency about padding. */
function readByteSequence(text: string): Buffer | null {
  if (text.length < 6 || text[0] !== ':' || text.at(-1) !== ':') return null
  const inner = text.slice(1, -1)
  const bytes = Buffer.from(inner, 'base64')
  return bytes.toString('base64') === inner ? bytes : null
}

function readEscapedPem(value: string): ProxiedCertificate | 'invalid' {
  try {
    const [raw, ...more] = readPemBlocks(decodeURIComponent(value), 'CERTIFICATE')
    return raw === undefined || more.length > 0 ? 'invalid' : { raw, chain: [] }
  } catch {
    return 'invalid'
  }
}
