import { readCookie } from '../../core/cookies.ts'
import type { Fields } from '../../core/fields.ts'

/** What tokens are bound to where the sessions are the upstream's own: no other host can set it, and no script reads it. */
const name = '__Host-csrf'
const form = /^[A-Za-z0-9_-]{43}$/

export function newBindingCookie(value: string): string {
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict`
}

/** Null where there is none, several, or one that was not made here. */
export function readBindingCookie(headers: Fields): string | null {
  const values = readCookie(headers, name)
  const [value = ''] = values ?? []
  return values?.length === 1 && form.test(value) ? value : null
}
