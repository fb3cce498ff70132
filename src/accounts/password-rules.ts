import { toUsername } from '../stores/ports/username.ts'
import { isCommonPassword } from './common-passwords.ts'

/** For a password that is all there is (NIST SP 800-63B-4 section 3.1.1.2): eight are enough only beside a second factor. */
const minLength = 15
export const maxPasswordLength = 256
/** Shorter names occur in any sentence. */
const minNameLength = 4

/** What whoever guesses knows of an account. */
export interface PasswordContext {
  /** An e-mail address counts by its parts. */
  readonly username: string
  readonly tenant: string | null
  /** Where it opens: a host's name, by its parts. */
  readonly host?: string
}

export type PasswordProblem =
  | { readonly kind: 'short'; readonly length: number; readonly least: number }
  | { readonly kind: 'long'; readonly most: number }
  | { readonly kind: 'untypeable' | 'username' | 'tenant' | 'host' | 'common' }

/** What is wrong with a new password; null where nothing is. There are no composition rules. */
export function findPasswordProblem(
  password: string,
  { username, tenant, host = '' }: PasswordContext,
): PasswordProblem | null {
  const length = [...password].length
  if (length < minLength) return { kind: 'short', length, least: minLength }
  if (length > maxPasswordLength) return { kind: 'long', most: maxPasswordLength }
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return { kind: 'untypeable' }
  const folded = fold(password)
  for (const [kind, names] of [
    ['username', [username, ...username.split(/[@.+]/).filter((part) => !endings.has(part))]],
    ['tenant', [tenant ?? '']],
    ['host', host.split('.').filter((part) => !endings.has(part))],
  ] as const) {
    if (names.some((name) => name.length >= minNameLength && folded.includes(fold(name)))) return { kind }
  }
  return isCommonPassword(folded) ? { kind: 'common' } : null
}

/** Parts of names of hosts that say nothing about whose they are. */
const endings = new Set(['test', 'info', 'name', 'login', 'mail', 'auth', 'accounts', 'localhost', 'example'])

function fold(text: string): string {
  return toUsername(text) ?? text.normalize('NFKC').toLowerCase()
}
