import { redactNamed } from './redact-named.ts'
import { isSecretParameter } from './secret-names.ts'
import { redacted, redactPatterns } from './secret-patterns.ts'

/*
 * Two lines of defence (ASVS v5.0.0-16.2.5): what stands under a telling name is never written, and what looks like a
 * secret is cut out of any text, wherever it came from. Both take time in proportion to the text, because callers
 * choose it.
 */

/** Cuts secrets out of a text. */
export function redactText(text: string): string {
  if (text.length < 3) return text
  return redactPlain(text.includes('%') ? text.replace(/[^\s"'`<>]+/g, redactEscaped) : text)
}

/** Cuts the values of secret parameters out of a query, and secrets out of the rest. */
export function redactQuery(query: string): string {
  return redactPatterns(redactParameters(query))
}

const margin = 512

/**
 * What there is to clean where at most `length` characters will be written. It ends between two words, where there are
 * any, lest half a secret stays that nothing tells from other text.
 */
export function headOf(text: string, length: number): string {
  if (text.length <= length + margin) return text
  const head = text.slice(0, length + margin)
  const end = Math.max(head.lastIndexOf('&'), head.lastIndexOf(' '))
  return end < length ? head : head.slice(0, end)
}

function redactPlain(text: string): string {
  const clean = redactPatterns(text)
  return mayHoldNames.test(clean) ? redactNamed(clean) : clean
}

const mayHoldNames = /[=:]|["'`]\s?,/
const escaped = /%[0-9a-f]{2}/i

/** A word with escapes in it may be a URL or a form. */
function redactEscaped(word: string): string {
  return escaped.test(word) ? redactParameters(word) : word
}

function redactParameters(text: string): string {
  return text.replace(/[^?&#]+/g, redactParameter)
}

/** Names and values may be escaped, and a value may be a URL or JSON. */
function redactParameter(parameter: string): string {
  const equals = parameter.indexOf('=')
  const name = equals === -1 ? '' : parameter.slice(0, equals + 1)
  if (equals !== -1 && isSecretParameter(decode(name.slice(0, -1)))) return name + redacted
  const value = parameter.slice(equals + 1)
  if (value.includes('%')) {
    const plain = decode(value)
    if (redactPlain(plain) !== plain) return name + redacted
  }
  return mayHoldNames.test(value) ? name + redactNamed(value) : parameter
}

/** Text may be escaped again on its way: a URL within a URL within a URL. */
const maxEscapes = 3

/** Never fails, other than `decodeURIComponent`; secrets and their names are in ASCII. */
function decode(text: string): string {
  let plain = text
  for (let i = 0; i < maxEscapes && plain.includes('%'); i++) {
    plain = plain.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }
  return plain
}
