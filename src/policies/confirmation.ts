import type { Confirmation } from '../core/principal.ts'

/** SHA-256 in base64url (RFC 7638 section 3, RFC 8705 section 3.1). */
const thumbprint = /^[A-Za-z0-9_-]{43}$/

/**
 * Reads the claim `cnf` (RFC 7800). Null where there is none, `unusable` where it names a key in a way that is not
 * understood: a token that is bound to something must not work without it.
 */
export function parseConfirmation(cnf: unknown): Confirmation | null | 'unusable' {
  if (cnf === undefined) return null
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return 'unusable'
  const { jkt, 'x5t#S256': certificate, ...others } = cnf as Readonly<Record<string, unknown>>
  if (Object.keys(others).length > 0 || (jkt === undefined && certificate === undefined)) return 'unusable'
  if (!isThumbprint(jkt) || !isThumbprint(certificate)) return 'unusable'
  return { keyThumbprint: jkt ?? null, certificateThumbprint: certificate ?? null }
}

function isThumbprint(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && thumbprint.test(value))
}
