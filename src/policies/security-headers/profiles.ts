import type { SecurityHeadersOptions } from './options.ts'

/** What is sent for each option: a value, `off` (neither ours nor the upstream's) or `upstream` (only the upstream's). */
export interface HeaderValues {
  readonly contentSecurityPolicy: string
  readonly strictTransportSecurity: SecurityHeadersOptions['strictTransportSecurity']
  readonly contentTypeOptions: string
  readonly frameOptions: string
  readonly referrerPolicy: string
  readonly permissionsPolicy: string
  readonly crossOriginOpenerPolicy: string
  readonly crossOriginResourcePolicy: string
  readonly crossOriginEmbedderPolicy: string
  readonly crossDomainPolicies: string
  readonly xssProtection: string
  readonly cacheControl: string
}

type ProfileValues = Omit<HeaderValues, 'strictTransportSecurity'>

/** Answers that are data: a browser that opens one as a page may load and run nothing. */
const strict: ProfileValues = {
  contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  contentTypeOptions: 'nosniff',
  frameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  permissionsPolicy:
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), ' +
    'midi=(), payment=(), usb=()',
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  crossOriginEmbedderPolicy: 'require-corp',
  crossDomainPolicies: 'none',
  // The filters of old browsers could be used to switch off a page's own scripts; ASVS and OWASP ask for `0`.
  xssProtection: '0',
  cacheControl: 'no-store',
}

export const profiles: Readonly<Record<SecurityHeadersOptions['profile'], ProfileValues>> = {
  strict,
  html: {
    ...strict,
    contentSecurityPolicy:
      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; " +
      "object-src 'none'",
    // `no-referrer` would make browsers send `Origin: null` with forms, and origin checks would refuse them.
    referrerPolicy: 'strict-origin-when-cross-origin',
    // Pictures of other sites still load, without their cookies.
    crossOriginEmbedderPolicy: 'credentialless',
    cacheControl: 'private, no-cache',
  },
  legacy: { ...strict, xssProtection: '1; mode=block' },
}

/** The profile's values with those that the options override. */
export function resolveHeaders(options: SecurityHeadersOptions): HeaderValues {
  const profile = profiles[options.profile]
  return {
    contentSecurityPolicy: options.contentSecurityPolicy ?? profile.contentSecurityPolicy,
    strictTransportSecurity: options.strictTransportSecurity,
    contentTypeOptions: options.contentTypeOptions ?? profile.contentTypeOptions,
    frameOptions: options.frameOptions ?? profile.frameOptions,
    referrerPolicy: options.referrerPolicy ?? profile.referrerPolicy,
    permissionsPolicy: options.permissionsPolicy ?? profile.permissionsPolicy,
    crossOriginOpenerPolicy: options.crossOriginOpenerPolicy ?? profile.crossOriginOpenerPolicy,
    crossOriginResourcePolicy: options.crossOriginResourcePolicy ?? profile.crossOriginResourcePolicy,
    crossOriginEmbedderPolicy: options.crossOriginEmbedderPolicy ?? profile.crossOriginEmbedderPolicy,
    crossDomainPolicies: options.crossDomainPolicies ?? profile.crossDomainPolicies,
    xssProtection: options.xssProtection ?? profile.xssProtection,
    cacheControl: options.cacheControl ?? profile.cacheControl,
  }
}
