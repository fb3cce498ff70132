import { maxPasswordBytes } from '../../crypto/passwords/password-bytes.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import { toUsername } from '../../stores/ports/username.ts'

/** For a password that is all there is (NIST SP 800-63B-4 section 3.1.1.2): eight are enough only beside a second factor. */
const minLength = 15
/** Shorter names occur in any sentence. */
const minNameLength = 4

/** What is wrong with a new password, for the person who chose it; null where nothing is. There are no composition rules. */
export function findPasswordProblem(
  password: string,
  { username, tenant }: Pick<AccountRecord, 'username' | 'tenant'>,
): string | null {
  const length = [...password].length
  if (length < minLength)
    return `The password has ${length} characters: at least ${minLength}, several words for example.`
  if (Buffer.byteLength(password) > maxPasswordBytes) return `The password is longer than ${maxPasswordBytes} bytes.`
  if (!password.isWellFormed() || /\p{Cc}/u.test(password))
    return 'The password holds a character that cannot be typed.'
  const folded = fold(password)
  for (const [what, name] of [
    ['user name', username],
    ['tenant', tenant ?? ''],
  ] as const) {
    if (name.length >= minNameLength && folded.includes(fold(name))) {
      return `The password holds the ${what}, which is what is guessed first.`
    }
  }
  return null
}

function fold(text: string): string {
  return toUsername(text) ?? text.normalize('NFKC').toLowerCase()
}
