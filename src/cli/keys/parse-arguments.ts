import { InvalidArgumentError } from 'commander'
import { checkNetwork } from '../../core/address.ts'
import { parseDuration } from '../../core/units.ts'
import { apiKeyPrefix } from '../../crypto/api-key.ts'

const maxTextLength = 200
const maxEntries = 100
const longestMs = 3650 * 86_400_000

/** A name of something: printable, so that lists and logs stay readable. */
export function parseText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.')
  if (text.length > maxTextLength) throw new InvalidArgumentError(`It is longer than ${maxTextLength} characters.`)
  if (/\p{C}/u.test(text)) throw new InvalidArgumentError('It holds a character that cannot be printed.')
  return text
}

/** An option that may be given several times. */
export function collect(parse: (text: string) => string) {
  return (text: string, before: readonly string[] | undefined): string[] => {
    const all = [...new Set([...(before ?? []), parse(text)])]
    if (all.length > maxEntries) throw new InvalidArgumentError(`There are more than ${maxEntries}.`)
    return all
  }
}

/** A role or a scope: scopes are separated by spaces where they travel together (RFC 6749 section 3.3). */
export function parseWord(text: string): string {
  if (/\s/.test(text)) throw new InvalidArgumentError('It holds a space; give the option once for each.')
  return parseText(text)
}

export function parseNetwork(text: string): string {
  const problem = checkNetwork(text)
  if (problem === null) return text
  throw new InvalidArgumentError(`It ${problem}.`)
}

/** A time from now, in milliseconds. */
export function parseLifetime(text: string): number {
  const lifetimeMs = parseOverlap(text)
  if (lifetimeMs === 0) throw new InvalidArgumentError('A key that ends at once is of no use.')
  return lifetimeMs
}

export function parseOverlap(text: string): number {
  const durationMs = parseDuration(text)
  if (durationMs === null) throw new InvalidArgumentError('It is not a duration such as 12h or 90d.')
  if (durationMs > longestMs) throw new InvalidArgumentError('It is longer than ten years (3650d).')
  return durationMs
}

/** A key's id; a whole key is understood too, because that is what one has at hand when it leaked. */
export function parseKeyId(text: string): string {
  if (text.startsWith(apiKeyPrefix)) return text.split('_')[1] ?? ''
  return parseText(text)
}
