import { randomBytes } from 'node:crypto'
import { readCookie } from '../core/cookies.ts'
import type { Exchange } from '../core/exchange.ts'
import type { IdentityOptions } from './options.ts'

const form = /^[A-Za-z0-9_-]{43}$/

/**
 * The cookie that binds something that takes several steps to the browser that it began in, so that nobody can go on with
 * it by a link (RFC 9700 section 4.7). It comes with a navigation back, and with nothing else of another site.
 * @param purpose what it is for: a login at another server, or a password that is changed
 */
export function createBrowserCookie(
  { issuer, realm }: Pick<IdentityOptions, 'issuer' | 'realm'>,
  purpose: 'with' | 'password',
  lifetimeSeconds: number,
) {
  const secure = issuer.startsWith('https:')
  const plain = realm === undefined ? `portcullis-${purpose}` : `portcullis-${purpose}-${realm}`
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
    /** Takes it back. */
    end: `${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  }
}

export type BrowserCookie = ReturnType<typeof createBrowserCookie>
