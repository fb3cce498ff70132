import type { Composition } from '../../core/policy.ts'
import { isAtLeastAsStrict, parseCsp } from './content-security-policy.ts'
import type { SecurityHeadersOptions } from './options.ts'
import { type HeaderValues, resolveHeaders } from './profiles.ts'

/** Values by strictness, the strictest first; what is not listed (`off`, `upstream`) is the weakest. */
const strictness = {
  contentTypeOptions: ['nosniff'],
  frameOptions: ['DENY', 'SAMEORIGIN'],
  referrerPolicy: [
    'no-referrer',
    'same-origin',
    'strict-origin',
    'strict-origin-when-cross-origin',
    'origin',
    'origin-when-cross-origin',
    'no-referrer-when-downgrade',
    'unsafe-url',
  ],
  crossOriginOpenerPolicy: ['same-origin', 'noopener-allow-popups', 'same-origin-allow-popups', 'unsafe-none'],
  crossOriginResourcePolicy: ['same-origin', 'same-site', 'cross-origin'],
  crossOriginEmbedderPolicy: ['require-corp', 'credentialless', 'unsafe-none'],
  crossDomainPolicies: ['none', 'master-only', 'by-content-type', 'all'],
} as const satisfies Partial<Record<keyof HeaderValues, readonly string[]>>

/** A route's options replace the inherited ones, so no field may become weaker. */
export function composeSecurityHeaders(inherited: SecurityHeadersOptions, own: SecurityHeadersOptions): Composition {
  const a = resolveHeaders(inherited)
  const b = resolveHeaders(own)
  const tighter =
    (Object.keys(strictness) as (keyof typeof strictness)[]).every((key) => rank(key, b[key]) <= rank(key, a[key])) &&
    keepsCsp(a.contentSecurityPolicy, b.contentSecurityPolicy) &&
    keepsUpstreamCsp(inherited.upstreamContentSecurityPolicy, own.upstreamContentSecurityPolicy) &&
    keepsTransport(a.strictTransportSecurity, b.strictTransportSecurity) &&
    keepsPermissions(a.permissionsPolicy, b.permissionsPolicy) &&
    (!isSent(a.xssProtection) || isSent(b.xssProtection)) &&
    (a.cacheControl === b.cacheControl || /\bno-store\b/i.test(b.cacheControl)) &&
    (own.authenticatedCaching === 'private' || inherited.authenticatedCaching === 'upstream') &&
    inherited.removeHeaders.every((name) => own.removeHeaders.includes(name)) &&
    own.keepHeaders.every((name) => inherited.keepHeaders.includes(name))
  return tighter ? 'tighter' : 'looser'
}

function rank(key: keyof typeof strictness, value: string): number {
  const place = (strictness[key] as readonly string[]).indexOf(value)
  return place === -1 ? Number.POSITIVE_INFINITY : place
}

function isSent(value: string): boolean {
  return value !== 'off' && value !== 'upstream'
}

function keepsCsp(inherited: string, own: string): boolean {
  if (inherited === 'off' || inherited === own) return true
  if (own === 'off') return false
  const a = parseCsp(inherited)
  const b = parseCsp(own)
  return !('problem' in a) && !('problem' in b) && isAtLeastAsStrict(b, a)
}

function keepsUpstreamCsp(
  inherited: SecurityHeadersOptions['upstreamContentSecurityPolicy'],
  own: SecurityHeadersOptions['upstreamContentSecurityPolicy'],
): boolean {
  return own === inherited || own === 'both'
}

function keepsTransport(
  inherited: HeaderValues['strictTransportSecurity'],
  own: HeaderValues['strictTransportSecurity'],
): boolean {
  if (typeof inherited === 'string') return true
  if (typeof own === 'string') return false
  return own.maxAge >= inherited.maxAge && (own.includeSubDomains || !inherited.includeSubDomains)
}

/** Every inherited entry stays as it is or becomes `()`. */
function keepsPermissions(inherited: string, own: string): boolean {
  if (!isSent(inherited) || inherited === own) return true
  const entries = new Set(own.split(',').map((entry) => entry.trim()))
  return inherited.split(',').every((text) => {
    const entry = text.trim()
    return entries.has(entry) || entries.has(`${entry.split('=', 1)[0]}=()`)
  })
}
