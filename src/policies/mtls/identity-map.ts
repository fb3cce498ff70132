import type { Principal } from '../../core/principal.ts'
import type { Certificate } from '../../crypto/x509/certificate.ts'
import { type DistinguishedName, isSameName } from '../../crypto/x509/names.ts'
import type { MtlsIdentity } from './options.ts'

/** Whom a certificate stands for: a caller, nobody, or several. */
export type Mapped = Principal | 'nobody' | 'several'

interface Found {
  readonly identity: MtlsIdentity
  readonly id: string
}

/** Prepares the look-up of certificates; exact names are found at once, however many there are. */
export function createIdentityMap(identities: readonly MtlsIdentity[]): (certificate: Certificate) => Mapped {
  const exact = new Map<string, MtlsIdentity[]>()
  const add = (key: string, identity: MtlsIdentity) => {
    const present = exact.get(key)
    if (present === undefined) exact.set(key, [identity])
    else present.push(identity)
  }
  const prefixes: [string, MtlsIdentity][] = []
  const suffixes: [string, MtlsIdentity][] = []
  const subjects: [DistinguishedName, MtlsIdentity][] = []
  for (const identity of identities) {
    const { uri, uriPrefix, dns, dnsSuffix, email, subject, fingerprint } = identity.match
    if (uri !== undefined) add(`uri ${uri}`, identity)
    else if (dns !== undefined) add(`dns ${dns}`, identity)
    else if (email !== undefined) add(`email ${email}`, identity)
    else if (fingerprint !== undefined) add(`sha256 ${fingerprint}`, identity)
    else if (uriPrefix !== undefined) prefixes.push([uriPrefix, identity])
    else if (dnsSuffix !== undefined) suffixes.push([dnsSuffix, identity])
    else if (subject !== undefined) subjects.push([subject.map((rdn) => Object.entries(rdn)), identity])
  }

  return (certificate) => {
    const { names, subject, thumbprint } = certificate
    const found: Found[] = []
    const take = (identity: MtlsIdentity, name: string) => found.push({ identity, id: identity.id ?? name })
    const lookUp = (kind: string, name: string) => {
      for (const identity of exact.get(`${kind} ${name}`) ?? []) take(identity, name)
    }
    for (const name of names.uri) {
      lookUp('uri', name)
      for (const [prefix, identity] of prefixes) if (isBelow(name, prefix)) take(identity, name)
    }
    for (const name of names.dns) {
      lookUp('dns', name)
      for (const [suffix, identity] of suffixes) if (isHostBelow(name, suffix)) take(identity, name)
    }
    for (const name of names.email) lookUp('email', name)
    lookUp('sha256', Buffer.from(thumbprint, 'base64url').toString('hex'))
    for (const [name, identity] of subjects) if (isSameName(name, subject)) take(identity, '')

    const [first] = found
    if (first === undefined) return 'nobody'
    // The same name may stand there twice; two callers, or one with two sets of rights, may not.
    if (found.some(({ identity, id }) => identity !== first.identity || id !== first.id)) return 'several'
    return toPrincipal(first, certificate)
  }
}

/** A path that somebody could read as another one is below nothing. */
function isBelow(uri: string, prefix: string): boolean {
  if (!uri.startsWith(prefix)) return false
  const segments = uri.slice(prefix.length).split('/')
  return segments.every((segment) => /^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/.test(segment) && !/^\.\.?$/.test(segment))
}

/** A wildcard names no host. */
function isHostBelow(name: string, suffix: string): boolean {
  return name.endsWith(suffix) && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name.slice(0, -suffix.length))
}

function toPrincipal({ identity, id }: Found, { thumbprint, notAfter, x509 }: Certificate): Principal {
  return {
    id,
    kind: 'service',
    // A name that the authority chose must not be taken for one that the file or the store gave.
    issuer: identity.id === undefined ? 'certificate' : 'portcullis',
    tenant: identity.tenant,
    roles: identity.roles,
    scopes: identity.scopes,
    attributes: { certificateSubject: x509.subject.split('\n').join(', ') },
    credential: { policy: 'mtls', id: thumbprint },
    assurance: null,
    // The certificate is the credential; nothing else that was sent is bound to it.
    confirmation: null,
    proofOfPossession: thumbprint,
    expiresAt: notAfter,
  }
}
