import { type KeyObject, verify } from 'node:crypto'
import { contentOf, DerError, expectTag, readChildren, readOid, readTime, readWhole, tags, wholeOf } from './der.ts'

/** A certificate revocation list (RFC 5280 section 5), read once. */
export interface RevocationList {
  readonly issuerBytes: Buffer
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** Whether a certificate with this serial number, in hexadecimal, was revoked. */
  revokes(serial: string): boolean
  isSignedBy(key: KeyObject): boolean
}

const digests = new Map<string, string | null>([
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  // Ed25519 and Ed448 have a digest of their own.
  ['1.3.101.112', null],
  ['1.3.101.113', null],
])
const certificateIssuer = '2.5.29.29'

/** Throws an error in words for the operator where it is no list, or one that says less than it seems to. */
export function parseRevocationList(raw: Buffer): RevocationList {
  const [tbs, algorithm, signature] = readChildren(readWhole(raw, tags.sequence))
  const oid = readOid(readChildren(expectTag(algorithm, tags.sequence)).next().value ?? undefined)
  const digest = digests.get(oid)
  if (digest === undefined) throw new Error(`it is signed with an algorithm that is not known here (${oid})`)
  const signatureBytes = contentOf(expectTag(signature, tags.bitString)).subarray(1)

  const fields = [...readChildren(expectTag(tbs, tags.sequence))]
  if (fields[0]?.tag === tags.integer) fields.shift()
  const [, issuer, thisUpdate, nextUpdate] = fields
  const isTime = nextUpdate?.tag === tags.utcTime || nextUpdate?.tag === tags.generalizedTime
  if (!isTime) throw new Error('it does not say when the next one is due, and so would never come to its end')
  const entries = fields.slice(4).find(({ tag }) => tag === tags.sequence)
  const extensions = fields.slice(4).find(({ tag }) => tag === 0xa0)
  if (extensions !== undefined) refuseNarrowing(contentOf(extensions))

  const revoked = new Set<string>()
  if (entries !== undefined) {
    for (const entry of readChildren(entries)) {
      const [serial, , details] = readChildren(expectTag(entry, tags.sequence))
      if (details !== undefined) refuseOtherIssuer(wholeOf(details))
      revoked.add(contentOf(expectTag(serial, tags.integer)).toString('hex'))
    }
  }
  const signed = wholeOf(expectTag(tbs, tags.sequence))
  return {
    issuerBytes: wholeOf(expectTag(issuer, tags.sequence)),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: readTime(nextUpdate),
    revokes: (serial) => revoked.has(serial),
    isSignedBy: (key) => verify(digest, signed, key, signatureBytes),
  }
}

/** A delta, an indirect list or one for some certificates only must not pass for a whole one. */
function refuseNarrowing(bytes: Buffer): void {
  for (const extension of readChildren(readWhole(bytes, tags.sequence))) {
    const [oid, critical] = readChildren(extension)
    if (critical?.tag !== tags.boolean) continue
    throw new Error(`it covers only a part (extension ${readOid(oid)}): a whole list of one authority is needed`)
  }
}

function refuseOtherIssuer(bytes: Buffer): void {
  for (const extension of readChildren(readWhole(bytes, tags.sequence))) {
    if (readOid(readChildren(extension).next().value ?? undefined) === certificateIssuer) {
      throw new DerError('it speaks for several authorities: a list of one authority is needed')
    }
  }
}
