import { randomBytes } from 'node:crypto'
import { readCookie } from '../../core/cookies.ts'
import type { Exchange } from '../../core/exchange.ts'
import { createCsrfToken, isCsrfToken } from '../../crypto/csrf-token.ts'
import { digestSessionSecret, toSessionId } from '../../crypto/session-secret.ts'
import { isSessionPolicy } from '../session-policies.ts'
import { newBindingCookie, readBindingCookie } from './binding-cookie.ts'

export interface TokenDeskOptions {
  readonly key: Uint8Array
  readonly lifetimeMs: number
  /** The cookie of our own sessions. */
  readonly sessionCookie: string
  readonly now: () => number
}

/** Makes tokens and checks them, for whoever a request comes from. */
export class TokenDesk {
  readonly #options: TokenDeskOptions

  constructor(options: TokenDeskOptions) {
    this.#options = options
  }

  /** A token, and the cookie that must be set with it where nothing was there to bind it to. */
  issue(exchange: Exchange): { readonly token: string; readonly setCookie: string | null } {
    const { key, now } = this.#options
    const binding = this.#bindingOf(exchange)
    if (binding !== null) return { token: createCsrfToken(key, binding, now()), setCookie: null }
    const value = randomBytes(32).toString('base64url')
    return { token: createCsrfToken(key, toCookieBinding(value), now()), setCookie: newBindingCookie(value) }
  }

  check(exchange: Exchange, token: string): boolean {
    const { key, lifetimeMs, now } = this.#options
    const binding = this.#bindingOf(exchange)
    return binding !== null && isCsrfToken(key, token, binding, now(), lifetimeMs)
  }

  /** The session's id changes whenever its secret does, so that tokens from before a login are worth nothing after it. */
  #bindingOf({ principal, headers }: Exchange): string | null {
    if (principal !== null && isSessionPolicy(principal.credential.policy))
      return toSessionBinding(principal.credential.id)
    const [secret, ...others] = readCookie(headers, this.#options.sessionCookie) ?? []
    const digest = secret === undefined || others.length > 0 ? null : digestSessionSecret(secret)
    if (digest !== null) return toSessionBinding(toSessionId(digest))
    const value = readBindingCookie(headers)
    return value === null ? null : toCookieBinding(value)
  }
}

/** What tokens of a session are good together with. */
export function toSessionBinding(id: string): string {
  return `session:${id}`
}

function toCookieBinding(value: string): string {
  return `cookie:${value}`
}
