import { reportEndpointName } from './csp-report-endpoint.ts'
import type { SecurityHeadersOptions } from './options.ts'
import type { HeaderValues } from './profiles.ts'

/** The fields of an answer, prepared as flat name/value pairs. */
export interface PreparedFields {
  /** On every answer but 101. */
  readonly sent: readonly string[]
  /** Apart, because an upstream's own policy may take its place. */
  readonly csp: readonly string[]
  /** Names of which an upstream's own occurrences are dropped. */
  readonly managed: readonly string[]
}

type PlainHeader = Exclude<keyof HeaderValues, 'contentSecurityPolicy' | 'strictTransportSecurity' | 'cacheControl'>

const names: Readonly<Record<PlainHeader, string>> = {
  contentTypeOptions: 'x-content-type-options',
  frameOptions: 'x-frame-options',
  referrerPolicy: 'referrer-policy',
  permissionsPolicy: 'permissions-policy',
  crossOriginOpenerPolicy: 'cross-origin-opener-policy',
  crossOriginResourcePolicy: 'cross-origin-resource-policy',
  crossOriginEmbedderPolicy: 'cross-origin-embedder-policy',
  crossDomainPolicies: 'x-permitted-cross-domain-policies',
  xssProtection: 'x-xss-protection',
}

export function toFields(options: SecurityHeadersOptions, values: HeaderValues): PreparedFields {
  const sent: string[] = []
  const managed: string[] = []
  for (const [key, name] of Object.entries(names) as [PlainHeader, string][]) {
    const value = values[key]
    if (value === 'upstream') continue
    managed.push(name)
    if (value !== 'off') sent.push(name, value)
  }
  if (values.strictTransportSecurity !== 'upstream') managed.push('strict-transport-security')
  const { reportPath, contentSecurityPolicyReportOnly: trial } = options
  if (trial !== undefined && trial !== 'off') {
    sent.push('content-security-policy-report-only', withReports(trial, reportPath))
  }
  if (reportPath !== undefined) sent.push('reporting-endpoints', `${reportEndpointName}="${reportPath}"`)
  const own = values.contentSecurityPolicy
  return { sent, managed, csp: own === 'off' ? [] : ['content-security-policy', withReports(own, reportPath)] }
}

/** The pair for HTTPS; RFC 6797 section 7.2 forbids it in clear. */
export function toHsts(option: HeaderValues['strictTransportSecurity']): readonly string[] {
  if (typeof option === 'string') return []
  const value = [`max-age=${Math.floor(option.maxAge / 1000)}`]
  if (option.includeSubDomains) value.push('includeSubDomains')
  if (option.preload) value.push('preload')
  return ['strict-transport-security', value.join('; ')]
}

/** `report-to` is the current way; Firefox and Safari still read `report-uri`. */
function withReports(policy: string, reportPath: string | undefined): string {
  if (reportPath === undefined || /(?:^|;)\s*report-(?:uri|to)\b/i.test(policy)) return policy
  return `${policy.replace(/[;\s]+$/, '')}; report-uri ${reportPath}; report-to ${reportEndpointName}`
}
