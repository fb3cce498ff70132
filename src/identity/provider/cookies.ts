import type { Configuration } from 'oidc-provider'
import type { IdentityOptions } from '../options.ts'

/**
 * Cookies that no page reads, that come with no request of another site but navigations, and over HTTPS only. Their
 * names have browsers refuse them from anywhere else (RFC 6265bis section 4.1.3). Several tenants may be at one host, where
 * paths keep nothing apart: the name says whose it is.
 */
export function toCookies({
  issuer,
  realm,
}: Pick<IdentityOptions, 'issuer' | 'realm'>): NonNullable<Configuration['cookies']> {
  const secure = issuer.startsWith('https:')
  const of = realm === undefined ? '' : `-${realm}`
  const common = { httpOnly: true, sameSite: 'lax', secure, overwrite: true } as const
  return {
    names: {
      session: secure ? `__Host-portcullis-login${of}` : `portcullis-login${of}`,
      interaction: secure ? `__Secure-portcullis-step${of}` : `portcullis-step${of}`,
      resume: secure ? `__Secure-portcullis-resume${of}` : `portcullis-resume${of}`,
    },
    long: { ...common, path: '/' },
    short: common,
    // What they hold is random and looked up: a signature would add nothing.
    keys: [],
  }
}
