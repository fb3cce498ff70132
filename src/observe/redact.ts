/*
 * Two lines of defence (ASVS v5.0.0-16.2.5): what stands under a telling name is never written, and what looks like a
 * secret is cut out of any text, wherever it came from. Both are linear in the length of the text.
 */

export const redacted = '[redacted]'

const secretNames =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie2?$|pass(?:word|wd|phrase|code)?$|secret|token$|^token|api[-_]?key|^x-api-key$|private[-_]?key|credential|session(?:[-_]?id)?$|^sid$|^otp$|^pin$|card[-_]?number|^pan$|cvv|cvc|^ssn$|^code$|^state$|^nonce$|^assertion$|signature$|^sig$|^key$/i

/** Whether a value under this name is a secret, whatever it looks like. */
export function isSecretName(name: string): boolean {
  return secretNames.test(name)
}

// A JWT, a credential after its scheme, our own keys, well-known key prefixes, PEM keys, credentials in a URL.
const secretText =
  /eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?|\b(?:bearer|basic|dpop)\s+[\w.~+/=-]{6,}|\bpck_\w{12}_\w{20,}|\b(?:sk|pk|rk)_(?:live|test)_\w{10,}|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?|\/\/[^\s/:@]{1,256}:[^\s/@]{1,256}@/gi
const digitRun = /\d(?:[ -]?\d){12,18}/g
const pairStart = /(?<=[?&;\s,{"']|^)([\w.-]{1,64})"?\s*[=:]\s*"?/g
const pairValue = /[^&\s,;"'}]{1,4096}/y

/** Cuts secrets out of a text. */
export function redactText(text: string): string {
  if (text.length < 3) return text
  let clean = text
  if (clean.includes('=') || clean.includes(':')) clean = redactPairs(clean)
  clean = clean.replace(secretText, redacted)
  return clean.replace(digitRun, (digits) => (isCardNumber(digits) ? redacted : digits))
}

/** The search goes on right behind a name that is no secret's: `https:` may be one, with a query to come. */
function redactPairs(text: string): string {
  let clean = ''
  let taken = 0
  pairStart.lastIndex = 0
  for (let found = pairStart.exec(text); found !== null; found = pairStart.exec(text)) {
    pairValue.lastIndex = pairStart.lastIndex
    if (!isSecretName(found[1] as string) || !pairValue.test(text)) continue
    clean += text.slice(taken, pairStart.lastIndex) + redacted
    taken = pairValue.lastIndex
    pairStart.lastIndex = taken
  }
  return clean + text.slice(taken)
}

/** Cuts the values of secret parameters out of a query, and secrets out of the rest. */
export function redactQuery(query: string): string {
  const parameters = query.split('&').map((parameter) => {
    const equals = parameter.indexOf('=')
    if (equals === -1) return parameter
    const name = parameter.slice(0, equals)
    return isSecretName(decode(name)) ? `${name}=${redacted}` : parameter
  })
  return redactText(parameters.join('&'))
}

/** A copy of a value for the log: secrets gone by name and by look, depth and length bounded. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value.length > 4096 ? `${value.slice(0, 4096)}…` : value)
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? String(value) : value
  if (value instanceof Error) return redactError(value, depth)
  if (depth >= 6) return '[deep]'
  if (Array.isArray(value)) return value.slice(0, 100).map((entry) => redactValue(entry, depth + 1))
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  const copy: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(value).slice(0, 100)) {
    copy[name] = isSecretName(name) && entry !== null ? redacted : redactValue(entry, depth + 1)
  }
  return copy
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {
    name: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
  }
  if ('code' in error) copy.code = error.code
  if (error.cause !== undefined && depth < 4) copy.cause = redactValue(error.cause, depth + 1)
  return copy
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Luhn's check, so that order numbers and times in milliseconds stay readable. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 48
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2
    sum += digit
  }
  return sum % 10 === 0 && /^[2-6]/.test(digits)
}
