import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { readCookie } from '../../core/cookies.ts'
import type { Fields } from '../../core/fields.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import { decryptField, encryptField } from '../../crypto/ring/fields.ts'
import type { LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'

/** What a browser that began a login is known by: no other host can set it, and no script reads it. */
const cookie = '__Host-login'
const form = /^[A-Za-z0-9_-]{43}$/
/** As long as a login at our own identity server may take. */
export const maxLoginMs = 3_600_000

const asked = z.strictObject({ acr_values: z.string().exactOptional(), max_age: z.string().exactOptional() })
const schema = z.strictObject({ verifier: z.string(), nonce: z.string(), to: z.string(), asked, at: z.number() })

/** A login that has begun and goes on at the issuer. */
export type LoginState = z.output<typeof schema>

/**
 * Keeps logins that go on in the parameter `state` itself, sealed for the browser that began them: nothing is stored for
 * who never comes back, any number of tabs may log in at once, and an answer that was planted is none of this browser.
 */
export class LoginStates {
  readonly #ring: LiveKeyRing
  readonly #issuer: string
  readonly #now: () => number

  constructor(ring: LiveKeyRing, issuer: string, now: () => number) {
    this.#ring = ring
    this.#issuer = issuer
    this.#now = now
  }

  /** What the issuer is told, and the cookie to set. */
  begin(headers: Fields, login: Omit<LoginState, 'at'>): { readonly state: string; readonly setCookie: string } {
    const binding = readBinding(headers) ?? randomBytes(32).toString('base64url')
    const text = JSON.stringify({ ...login, at: this.#now() } satisfies LoginState)
    return {
      state: encryptField(this.#ring.current(), text, toContext(this.#issuer, binding)),
      setCookie: `${cookie}=${binding}; Max-Age=${maxLoginMs / 1000}; Path=/; Secure; HttpOnly; SameSite=Lax`,
    }
  }

  /** Null where it was begun in another browser, too long ago, or not by us. */
  async open(headers: Fields, state: string): Promise<LoginState | null> {
    const binding = readBinding(headers)
    const keyId = parseCiphertext(state)?.keyId
    if (binding === null || keyId === undefined) return null
    try {
      const ring = await this.#ring.withKey(keyId)
      const login = schema.parse(JSON.parse(decryptField(ring, state, toContext(this.#issuer, binding))))
      const age = this.#now() - login.at
      return age >= 0 && age < maxLoginMs ? login : null
    } catch {
      return null
    }
  }
}

/** Of two of one name nobody can say which one this browser was given. */
function readBinding(headers: Fields): string | null {
  const values = readCookie(headers, cookie)
  const [value = ''] = values ?? []
  return values?.length === 1 && form.test(value) ? value : null
}

/** What was begun at one issuer is no answer of another (RFC 9700 section 4.4). */
function toContext(issuer: string, binding: string): readonly string[] {
  return ['browser-login', 'state', issuer, digestSecret(binding)]
}
