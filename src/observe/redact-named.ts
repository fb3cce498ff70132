import { findBracketEnd, findQuoteEnd, isQuote } from './quoted-text.ts'
import { isSecretName, isSecretParameter } from './secret-names.ts'
import { redacted } from './secret-patterns.ts'

/** A name with what stands between it and its value: in a query, a form, JSON (also within JSON), code or prose. */
const namePattern = new RegExp(
  [
    String.raw`(?<![\w.[\]-])([\w.[\]-]+)`,
    String.raw`(\\{0,15}["'\x60]?\s{0,64}(?::?={1,3}>?|:(?!:)|,|\\{1,15}u003[ad])\s{0,64}(?:[bru](?=["']))?\\{0,15}["'\x60]?)`,
  ].join(''),
  'gi',
)
/** What is left of an escape such as `\n` before a name. */
const escapeLetters = /^(?:u[0-9a-f]{4}|[bfnrt])/i
/** Their values hold blanks, commas and quotes. */
const credentialField = /(?:authorization|cookie2?)$/i
const endOfLine = /[\r\n]|\\[rn]/g
const endOfBareValue = /[&\s"'`]/g
const closing = ',;)}]\\>'
/** What is said about a secret rather than a secret. */
const remark =
  /^(?:null|undefined|none|true|false|missing|empty|absent|expired|invalid|malformed|required|unknown|unsupported|revoked|refused|rejected|not|no|is|was|has|must|cannot|in)$/i
const maxRemarkLength = 12

/**
 * Cuts out what stands under the name of a secret. A value is scanned only behind such a name: what another name
 * seems to hold (`https://…?password=…`, `Error: password=…`) may hold names itself.
 */
export function redactNamed(text: string): string {
  let clean = ''
  let taken = 0
  namePattern.lastIndex = 0
  for (let found = namePattern.exec(text); found !== null; found = namePattern.exec(text)) {
    const [whole, name, sign] = found as unknown as [string, string, string]
    const start = found.index + whole.length
    if (!isSecretAt(text, found.index, start, name, sign)) continue
    const end = findValueEnd(text, start, name, sign)
    if (end === start || (end - start <= maxRemarkLength && remark.test(text.slice(start, end)))) continue
    clean += text.slice(taken, start) + redacted
    taken = end
    namePattern.lastIndex = end
  }
  return taken === 0 ? text : clean + text.slice(taken)
}

function isSecretAt(text: string, at: number, start: number, name: string, sign: string): boolean {
  // Fields as Node lists them: `'cookie', 'a=b'`.
  if (sign.includes(',')) return credentialField.test(name) && isQuotedName(sign) && isQuote(sign.at(-1))
  const before = text[at - 1]
  const own = before === '\\' ? name.replace(escapeLetters, '') : name
  if (isSecretName(name) || isSecretName(own)) return true
  if (!isSecretParameter(own)) return false
  if (before === '?' || before === '&' || before === '#') return true
  // A form has nothing before its first name. What is scanned here holds no place where another form could begin.
  return (before === undefined || /[\s"'`]/.test(before)) && text[indexOf(endOfBareValue, text, start)] === '&'
}

function findValueEnd(text: string, start: number, name: string, sign: string): number {
  const isList = text[start] === '[' || text[start] === '{'
  const isQuoted = sign.length > 1 && isQuote(sign.at(-1))
  if (credentialField.test(name) && !(isQuotedName(sign) && (isQuoted || isList))) {
    return indexOf(endOfLine, text, start)
  }
  if (isQuoted) return findQuoteEnd(text, start)
  const bareFrom = isList ? findBracketEnd(text, start) : start
  let end = indexOf(endOfBareValue, text, bareFrom)
  while (end > bareFrom && closing.includes(text[end - 1] as string)) end--
  return end
}

function isQuotedName(sign: string): boolean {
  return /^\\*["'`]/.test(sign)
}

function indexOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start
  return pattern.exec(text)?.index ?? text.length
}
