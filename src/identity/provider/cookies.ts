import type { Configuration } from 'oidc-provider'

/**
 * Cookies that no page reads, that come with no request of another site but navigations, and over HTTPS only. Their
 * names have browsers refuse them from anywhere else (RFC 6265bis section 4.1.3).
 */
export function toCookies(issuer: string): NonNullable<Configuration['cookies']> {
  const secure = issuer.startsWith('https:')
  const common = { httpOnly: true, sameSite: 'lax', secure, overwrite: true } as const
  return {
    names: {
      session: secure ? '__Host-portcullis-login' : 'portcullis-login',
      interaction: secure ? '__Secure-portcullis-step' : 'portcullis-step',
      resume: secure ? '__Secure-portcullis-resume' : 'portcullis-resume',
    },
    long: { ...common, path: '/' },
    short: common,
    // What they hold is random and looked up: a signature would add nothing.
    keys: [],
  }
}
