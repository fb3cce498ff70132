import { apiKeyPrefix } from '../crypto/api-key.ts'
import { replaceCardNumbers } from './card-numbers.ts'

export const redacted = '[redacted]'

/** Where a word may begin; an escape such as `%3D` or `\n` before it belongs to no word. */
const start = String.raw`(?<=^|[^a-z0-9]|%[0-9a-f]{2}|\\[bfnrt]|\\u[0-9a-f]{4})`
/** Between a scheme and its credential. */
const blanks = String.raw`(?:\s|\+|%(?:25)*20){1,8}`

/*
 * Callers choose the text, so this takes time in proportion to its length: a pattern that scans far ahead either takes
 * what it has scanned, or cannot begin again within that.
 */
const secretText = new RegExp(
  [
    // A JWT, signed or encrypted, also one whose end was cut off; a run of its letters that is none is taken as well.
    String.raw`eyJ[\w-]{10,}(?:\.[\w-]*){2,}|eyJ[\w-]{10,}\.[\w-]{5,}|eyJ[\w-]*`,
    // A credential after its scheme (RFC 9110 section 11.4), not a word about the scheme.
    String.raw`${start}(?:bearer|dpop)${blanks}(?!(?:tokens?|auth|authentication|authorization|credentials?|schemes?|proofs?|realm|error)\b)[\w.~+/=%-]{6,}`,
    String.raw`${start}(?:basic|negotiate|ntlm)${blanks}[\w+/=%-]{4,}`,
    // Keys of ours, whole, cut or mistyped; their public id alone may be read.
    String.raw`${apiKeyPrefix}\w{16,}`,
    // Keys of others that announce themselves.
    String.raw`${start}(?:[sprw]k_(?:live|test)_\w{10,}|whsec_\w{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_\w{30,}|sk-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|xapp-[\w-]{10,}|A[KS]IA[0-9A-Z]{16}\b|AIza[\w-]{35}|SG\.[\w-]{16,32}\.[\w-]{16,64})`,
    String.raw`-----BEGIN[A-Z0-9 +%]{1,40}PRIVATE(?: |\+|%20)KEY[A-Z0-9 +%]{0,16}-----[^-]*(?:-[^-]+)*(?:-----END[A-Z0-9 +%]{1,60}-----)?`,
    // Credentials in a URL; a number behind the colon is a port, and what follows it the path.
    String.raw`\/\/[^\s/?#"'<>@[]{1,512}@|\/\/[^\s/?#"'<>@[:]{0,256}:(?!\d{0,5}(?:[/?#]|$))(?:[^\s/"'<>]|\/(?!\/)){1,512}@`,
  ].join('|'),
  'gi',
)

/** Cuts out what looks like a secret. */
export function redactPatterns(text: string): string {
  return replaceCardNumbers(text.replace(secretText, replace), redacted)
}

function replace(found: string): string {
  if (found.startsWith('//')) return `//${redacted}@`
  if (/^eyj/i.test(found)) return isToken(found) ? redacted : found
  return isOrdinaryWords(found) ? found : redacted
}

/** What begins as a JSON object does in Base64 and has a digit somewhere: `keyJournal.entries` has none. */
function isToken(found: string): boolean {
  return found.startsWith('eyJ') && found.includes('.') && /\d/.test(found)
}

/** "basic authentication" is no credential: encoded text mixes cases or holds a digit. */
function isOrdinaryWords(found: string): boolean {
  return /^(?:basic|negotiate|ntlm)\s/i.test(found) && /\s[A-Z]?(?:[a-z-]*|[A-Z-]*)$/.test(found)
}
