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

/** What is wrong with a new password, for the person who chose it; null where nothing is. There are no composition rules. */
export function findPasswordProblem(password: string, { username, tenant, host = '' }: PasswordContext): string | null {
  const length = [...password].length
  if (length < minLength)
    return `The password has ${length} characters: at least ${minLength}, several words for example.`
  if (length > maxPasswordLength) return `The password is longer than ${maxPasswordLength} characters.`
  if (!password.isWellFormed() || /\p{Cc}/u.test(password))
    return 'The password holds a character that cannot be typed.'
  const folded = fold(password)
  for (const [what, names] of [
    ['user name', [username, ...username.split(/[@.+]/).filter((part) => !endings.has(part))]],
    ['tenant', [tenant ?? '']],
    ['name of this site', host.split('.').filter((part) => !endings.has(part))],
  ] as const) {
    if (names.some((name) => name.length >= minNameLength && folded.includes(fold(name)))) {
      return `The password holds the ${what}, which is what is guessed first.`
    }
  }
  return isCommonPassword(folded)
    ? 'The password is one of those that are guessed first: repeated, in a row, or common words with numbers.'
    : null
}

/** Parts of names of hosts that say nothing about whose they are. */
const endings = new Set(['test', 'info', 'name', 'login', 'mail', 'auth', 'accounts', 'localhost', 'example'])

function fold(text: string): string {
  return toUsername(text) ?? text.normalize('NFKC').toLowerCase()
}
