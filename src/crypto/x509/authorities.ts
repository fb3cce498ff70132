import type { CertificateJudge, CertificateVerdict } from '../../core/client-certificate.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { verifyPath } from './certificate-path.ts'
import { readPemBlocks } from './pem.ts'
import { parseRevocationList, type RevocationList } from './revocation-list.ts'

/** Texts of authorities and their revocation lists, as they were read. */
export interface AuthoritySource {
  /** PEM with one authority or several. */
  readonly ca: PemText
  /** PEM. With none, nobody asks whether a certificate was revoked. */
  readonly crl: readonly PemText[]
}

export interface PemText {
  readonly text: string
  /** For messages. */
  readonly source: string
}

export interface Authorities extends CertificateJudge {
  /** Of every revocation list: where it came from, and when the next one is due. */
  readonly lists: readonly { readonly source: string; readonly nextUpdate: number }[]
  /** What is to be thought of a certificate that was read already. */
  judgeCertificate(leaf: Certificate, chain: readonly Certificate[], now: number): CertificateVerdict
}

const maxChain = 8

/**
 * Reads authorities and lists. Throws an error that names the file where one cannot be read, is no authority, is signed
 * by somebody else, or where an authority's list is missing beside others. Lists that have ended are for the caller to
 * look at: a running gateway goes on with them, and refuses.
 */
export function createAuthorities({ ca, crl }: AuthoritySource): Authorities {
  const anchors = readAll(ca, 'CERTIFICATE', parseCertificate)
  for (const { isAuthority, x509 } of anchors) {
    if (!isAuthority) throw new Error(`${ca.source}: "${oneLine(x509.subject)}" is no authority (basic constraints)`)
  }
  const lists = crl.flatMap((pem) =>
    readAll(pem, 'X509 CRL', parseRevocationList).map((list) => ({ list, source: pem.source })),
  )
  if (lists.length > 0) checkLists(anchors, lists)
  const revocation = lists.length === 0 ? null : lists.map(({ list }) => list)

  const judgeCertificate: Authorities['judgeCertificate'] = (leaf, chain, now) =>
    verifyPath(leaf, { anchors, intermediates: chain.slice(0, maxChain), lists: revocation, now })
  return {
    lists: lists.map(({ list, source }) => ({ source, nextUpdate: list.nextUpdate })),
    judgeCertificate,
    judge(raw, chain, now) {
      try {
        const others = chain.slice(0, maxChain).map((one) => parseCertificate(one))
        return judgeCertificate(parseCertificate(raw), others, now)
      } catch (error) {
        return { problem: `it cannot be read: ${(error as Error).message}`, until: Number.POSITIVE_INFINITY }
      }
    },
  }
}

function readAll<T>({ text, source }: PemText, label: string, parse: (der: Buffer) => T): T[] {
  let read: T[]
  try {
    read = readPemBlocks(text, label).map(parse)
  } catch (error) {
    throw new Error(`${source}: ${(error as Error).message}`)
  }
  if (read.length === 0) throw new Error(`${source}: no PEM block "${label}" is in it`)
  return read
}

function checkLists(
  anchors: readonly Certificate[],
  lists: readonly { readonly list: RevocationList; readonly source: string }[],
): void {
  for (const anchor of anchors) {
    const own = lists.filter(({ list }) => list.issuerBytes.equals(anchor.subjectBytes))
    const name = oneLine(anchor.x509.subject)
    if (own.length === 0) throw new Error(`no revocation list of "${name}" is there: nobody could use its certificates`)
    // Another authority may have the same name, with another key.
    if (!own.some(({ list }) => list.isSignedBy(anchor.x509.publicKey))) {
      throw new Error(`${own[0]?.source}: not signed by "${name}"`)
    }
  }
}

function oneLine(subject: string): string {
  return subject.split('\n').join(', ')
}
