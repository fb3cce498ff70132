import { randomBytes } from 'node:crypto'
import { readCookie } from '../../core/cookies.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { IdentityOptions } from '../options.ts'

const form = /^[A-Za-z0-9_-]{43}$/

/**
 * The cookie that binds a login at another server to the browser that it began in, so that nobody can be logged in to
 * somebody else's account by a link (RFC 9700 section 4.7). It comes with the navigation back, and with nothing else of
 * another site.
 */
export function createBrowserCookie(
  { issuer, realm }: Pick<IdentityOptions, 'issuer' | 'realm'>,
  lifetimeSeconds: number,
) {
  const secure = issuer.startsWith('https:')
  const plain = realm === undefined ? 'portcullis-with' : `portcullis-with-${realm}`
  const name = secure ? `__Host-${plain}` : plain
  return {
    /** What this browser was given; null where that is nothing, or not to be told. */
    read({ headers }: Pick<Exchange, 'headers'>): string | null {
      const values = readCookie(headers, name) ?? []
      return values.length === 1 && form.test(values[0] as string) ? (values[0] as string) : null
    },
    create: () => randomBytes(32).toString('base64url'),
    toField: (value: string) =>
      `${name}=${value}; Path=/; Max-Age=${lifetimeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  }
}

export type BrowserCookie = ReturnType<typeof createBrowserCookie>
