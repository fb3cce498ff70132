import { createHash, X509Certificate } from 'node:crypto'
import {
  contentOf,
  type DerElement,
  DerError,
  expectTag,
  readChildren,
  readElement,
  readOid,
  readTime,
  readWhole,
  tags,
  wholeOf,
} from './der.ts'
import { type AlternativeNames, type DistinguishedName, readAlternativeNames, readName } from './names.ts'

/** A certificate read once: what its path is judged by, and what it says of its holder. Signatures are not checked here. */
export interface Certificate {
  readonly raw: Buffer
  /** Base64url of its SHA-256. */
  readonly thumbprint: string
  /** For signatures and for who issued whom, which OpenSSL judges. */
  readonly x509: X509Certificate
  readonly subject: DistinguishedName
  /** Names as they stand in it, for exact comparison. */
  readonly issuerBytes: Buffer
  readonly subjectBytes: Buffer
  /** In hexadecimal. */
  readonly serial: string
  readonly notBefore: number
  readonly notAfter: number
  readonly names: AlternativeNames
  /** Null where the certificate does not say what it is for. */
  readonly purposes: readonly string[] | null
  /** Null without the key usage extension. */
  readonly keyUsage: number | null
  readonly isAuthority: boolean
  /** How many authorities may follow; null for any number. */
  readonly pathLength: number | null
  /** A critical extension that nobody here understands (RFC 5280 section 4.2), null where there is none. */
  readonly unknownCritical: string | null
}

export const clientAuthentication = '1.3.6.1.5.5.7.3.2'
/** Bits of the key usage (RFC 5280 section 4.2.1.3), the first bit as the highest of the first byte. */
export const keyUsageBits = { digitalSignature: 0x80, certificateSign: 0x04, revocationListSign: 0x02 } as const

const maxCertificateBytes = 64 * 1024
const noNames: AlternativeNames = { dns: [], uri: [], email: [] }

/** Throws `DerError` or OpenSSL's error for what is no certificate. */
export function parseCertificate(given: Uint8Array): Certificate {
  if (given.length > maxCertificateBytes) throw new DerError(`more than ${maxCertificateBytes} bytes`)
  const raw = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  const x509 = new X509Certificate(raw)
  const [tbs] = readChildren(readWhole(raw, tags.sequence))
  const fields = [...readChildren(expectTag(tbs, tags.sequence))]
  // A version is there in all certificates with extensions.
  const offset = fields[0]?.tag === 0xa0 ? 1 : 0
  const [serial, , issuer, validity, subject] = fields.slice(offset) as DerElement[]
  const [notBefore, notAfter] = readChildren(expectTag(validity, tags.sequence))
  const extensions = readExtensions(fields.find(({ tag }) => tag === 0xa3))
  const subjectElement = expectTag(subject, tags.sequence)
  return {
    raw,
    thumbprint: createHash('sha256').update(raw).digest('base64url'),
    x509,
    subject: readName(subjectElement),
    issuerBytes: wholeOf(expectTag(issuer, tags.sequence)),
    subjectBytes: wholeOf(subjectElement),
    serial: contentOf(expectTag(serial, tags.integer)).toString('hex'),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    ...extensions,
  }
}

type Extensions = Pick<
  Certificate,
  'names' | 'purposes' | 'keyUsage' | 'isAuthority' | 'pathLength' | 'unknownCritical'
>

function readExtensions(wrapper: DerElement | undefined): Extensions {
  const found = {
    names: noNames,
    purposes: null as string[] | null,
    keyUsage: null as number | null,
    isAuthority: false,
    pathLength: null as number | null,
    unknownCritical: null as string | null,
  }
  if (wrapper === undefined) return found
  const seen = new Set<string>()
  for (const extension of readChildren(expectTag(readElement(contentOf(wrapper)), tags.sequence))) {
    const parts = [...readChildren(expectTag(extension, tags.sequence))]
    const oid = readOid(parts[0])
    if (seen.has(oid)) throw new DerError(`the extension ${oid} is repeated`)
    seen.add(oid)
    const isCritical = parts[1]?.tag === tags.boolean && contentOf(parts[1])[0] === 0xff
    const value = contentOf(expectTag(parts.at(-1), tags.octetString))
    switch (oid) {
      case '2.5.29.15':
        found.keyUsage = contentOf(readWhole(value, tags.bitString))[1] ?? 0
        break
      case '2.5.29.17':
        found.names = readAlternativeNames(readWhole(value, tags.sequence))
        break
      case '2.5.29.19': {
        const [isAuthority, pathLength] = readChildren(readWhole(value, tags.sequence))
        found.isAuthority = isAuthority?.tag === tags.boolean && contentOf(isAuthority)[0] === 0xff
        if (pathLength !== undefined) {
          const length = contentOf(expectTag(pathLength, tags.integer))
          found.pathLength = length.length > 2 ? 0 : length.readUIntBE(0, length.length)
        }
        break
      }
      case '2.5.29.37':
        found.purposes = [...readChildren(readWhole(value, tags.sequence))].map((purpose) => readOid(purpose))
        break
      // Who issued it, the holder's key, and policies narrow nothing that is judged here.
      case '2.5.29.14':
      case '2.5.29.35':
      case '2.5.29.32':
        break
      default:
        if (isCritical) found.unknownCritical ??= oid
    }
  }
  return found
}
