import { InvalidArgumentError } from 'commander'
import { checkNetwork } from '../../core/address.ts'
import { parseDuration, parseRate } from '../../core/units.ts'
import { apiKeyPrefix } from '../../crypto/api-key.ts'
import { type KeyLimit, type KeyMetadata, maxMetadataBytes } from '../../stores/ports/key-store.ts'
import { rateBounds } from '../../stores/ports/rate-table.ts'

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

/** A key's id; where a whole key was given against all advice, its secret goes no further. */
export function parseKeyId(text: string): string {
  if (text.startsWith(apiKeyPrefix)) return text.split('_')[1] ?? ''
  return parseText(text)
}

/** Where a key belongs, such as `live`: a label that policy files and metrics may hold. */
export function parseEnvironment(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(text)) return text
  throw new InvalidArgumentError('It is not a name of letters, digits, ".", "_" and "-", 32 at most.')
}

export function parseMetadata(text: string): KeyMetadata {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('It is not JSON.')
  }
  return checkMetadata(value)
}

export function checkMetadata(value: unknown): KeyMetadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('It is not a JSON object.')
  }
  if (Buffer.byteLength(JSON.stringify(value)) > maxMetadataBytes) {
    throw new InvalidArgumentError(`It is longer than ${maxMetadataBytes} bytes.`)
  }
  if (Object.hasOwn(value, '__proto__')) throw new InvalidArgumentError('It has a member "__proto__".')
  return value as KeyMetadata
}

export function parseUses(text: string): number {
  const uses = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(uses)) return uses
  throw new InvalidArgumentError('It is not a whole number.')
}

/** As `parseUses`, for a key that is to be used. */
export function parseSomeUses(text: string): number {
  const uses = parseUses(text)
  if (uses > 0) return uses
  throw new InvalidArgumentError('A key that may make no request is of no use.')
}

/** What a key may be used: a limit that the counters can hold. */
export function parseLimit(text: string): KeyLimit {
  const rate = parseRate(text)
  if (rate === null) throw new InvalidArgumentError('It is not a rate such as 100/min or 50000/30d.')
  if (rate.limit > rateBounds.limit) throw new InvalidArgumentError(`More than ${rateBounds.limit} cannot be counted.`)
  if (rate.windowMs > rateBounds.windowMs) throw new InvalidArgumentError('Its window is longer than 31 days.')
  return rate
}
