import type { CertificateVerdict } from '../../core/client-certificate.ts'
import { type Certificate, clientAuthentication, keyUsageBits } from './certificate.ts'
import type { RevocationList } from './revocation-list.ts'

export interface PathContext {
  /** Where a path ends: trusted for what they are, not for who signed them. */
  readonly anchors: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  /** Null where nobody asks for revocation; otherwise every certificate of a path needs a current list. */
  readonly lists: readonly RevocationList[] | null
  readonly now: number
}

/** How far a path may go, and how many signatures one certificate may make us check. */
const maxPath = 6
const maxSignatures = 24

const anyPurpose = '2.5.29.37.0'

interface Search {
  signatures: number
  /** The first thing that was wrong with a path that led to an anchor: it says more than "no path". */
  problem: string | null
}

/**
 * Looks for a path from a client's certificate to an anchor (RFC 5280 section 6). Name constraints and policies are not
 * processed: an authority that has a critical extension of that kind is refused.
 */
export function verifyPath(leaf: Certificate, context: PathContext): CertificateVerdict {
  const problem = checkLeaf(leaf, context.now)
  if (problem !== null) return refused(problem)
  const search: Search = { signatures: 0, problem: null }
  const until = climb([leaf], context, search)
  return until === null
    ? refused(search.problem ?? 'it comes from no authority that is trusted')
    : { problem: null, until }
}

/** Returns until when the path holds; null where there is none. */
function climb(path: readonly Certificate[], context: PathContext, search: Search): number | null {
  const current = path.at(-1) as Certificate
  for (const anchor of context.anchors) {
    if (!issued(anchor, current, search)) continue
    const result = checkPath([...path, anchor], context)
    if (typeof result === 'number') return result
    search.problem ??= result
  }
  if (path.length >= maxPath) return null
  for (const next of context.intermediates) {
    if (path.some(({ thumbprint }) => thumbprint === next.thumbprint) || !issued(next, current, search)) continue
    const until = climb([...path, next], context, search)
    if (until !== null) return until
  }
  return null
}

function issued(issuer: Certificate, subject: Certificate, search: Search): boolean {
  if (issuer.thumbprint === subject.thumbprint || !subject.issuerBytes.equals(issuer.subjectBytes)) return false
  if (search.signatures++ >= maxSignatures) return false
  return subject.x509.checkIssued(issuer.x509) && subject.x509.verify(issuer.x509.publicKey)
}

function checkLeaf(leaf: Certificate, now: number): string | null {
  if (leaf.purposes === null || !leaf.purposes.includes(clientAuthentication)) {
    return 'it is not for clients (extended key usage clientAuth)'
  }
  if (leaf.keyUsage !== null && (leaf.keyUsage & keyUsageBits.digitalSignature) === 0) return 'its key may not sign'
  return checkTimeAndExtensions(leaf, now)
}

/** From the leaf to the anchor. Returns until when all of it holds, or what is wrong. */
function checkPath(path: readonly Certificate[], { lists, now }: PathContext): number | string {
  let until = (path[0] as Certificate).notAfter
  // Authorities that count towards a path length: those between, but for ones that issued themselves anew.
  let between = 0
  for (let i = 1; i < path.length; i++) {
    const authority = path[i] as Certificate
    const problem = checkAuthority(authority, between) ?? checkTimeAndExtensions(authority, now)
    if (problem !== null) return `its authority: ${problem}`
    if (!authority.issuerBytes.equals(authority.subjectBytes)) between++
    until = Math.min(until, authority.notAfter)
    if (lists === null) continue
    const revocation = checkRevocation(path[i - 1] as Certificate, authority, lists, now)
    if (typeof revocation === 'string') return revocation
    until = Math.min(until, revocation)
  }
  return until
}

function checkAuthority({ isAuthority, keyUsage, pathLength, purposes }: Certificate, below: number): string | null {
  if (!isAuthority) return 'it is none (basic constraints)'
  if (keyUsage !== null && (keyUsage & keyUsageBits.certificateSign) === 0) return 'it may not sign certificates'
  if (pathLength !== null && below > pathLength) return 'too many authorities follow it (path length)'
  if (purposes !== null && !purposes.includes(clientAuthentication) && !purposes.includes(anyPurpose)) {
    return 'it may not certify clients (extended key usage)'
  }
  return null
}

function checkTimeAndExtensions({ notBefore, notAfter, unknownCritical }: Certificate, now: number): string | null {
  if (now < notBefore) return 'not valid yet'
  if (now > notAfter) return 'expired'
  return unknownCritical === null ? null : `a critical extension is not understood (${unknownCritical})`
}

/** Until when the authority's word holds that the certificate was not revoked; or what is wrong. */
function checkRevocation(
  certificate: Certificate,
  authority: Certificate,
  lists: readonly RevocationList[],
  now: number,
): number | string {
  if (authority.keyUsage !== null && (authority.keyUsage & keyUsageBits.revocationListSign) === 0) {
    return 'its authority may not sign revocation lists'
  }
  const own = lists.filter((list) => list.issuerBytes.equals(authority.subjectBytes) && isSigned(list, authority))
  // Also by a list that has ended: nothing that was revoked comes back.
  if (own.some((list) => list.revokes(certificate.serial))) return 'revoked'
  const current = own.filter(({ thisUpdate, nextUpdate }) => thisUpdate <= now && now < nextUpdate)
  if (current.length === 0) {
    return own.length === 0 ? 'no revocation list of its authority is there' : 'the revocation list has expired'
  }
  return Math.max(...current.map(({ nextUpdate }) => nextUpdate))
}

const signed = new WeakMap<RevocationList, Map<string, boolean>>()
/** An authority that a client sends along cannot make this grow without end. */
const maxRemembered = 64

/** Remembered: checking the signature of a list means hashing all of it. */
function isSigned(list: RevocationList, authority: Certificate): boolean {
  const known = signed.get(list) ?? new Map<string, boolean>()
  signed.set(list, known)
  let result = known.get(authority.thumbprint)
  if (result === undefined) {
    try {
      result = list.isSignedBy(authority.x509.publicKey)
    } catch {
      result = false
    }
    if (known.size >= maxRemembered) known.clear()
    known.set(authority.thumbprint, result)
  }
  return result
}

function refused(problem: string): CertificateVerdict {
  return { problem, until: Number.POSITIVE_INFINITY }
}
