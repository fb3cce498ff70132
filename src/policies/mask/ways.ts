import type { KindName } from './kinds.ts'

/** What others see of a value. */
export const ways = ['redact', 'last4', 'partial', 'hash', 'remove'] as const
export type Way = (typeof ways)[number]

/** A keyed digest of a value, the same for equal ones. */
export type Digest = (value: string, name: string) => string

const redacted = '[redacted]'
const stars = '****'
/** Of a shorter value, four characters would be too much of it. */
const minLength = 8

/** What stands in the place of a value found in a text. */
export function hideFound(way: Way, kind: KindName, value: string, digest: Digest): string {
  if (kind === 'privateKey' && way !== 'remove') return redacted
  if (way === 'partial' && kind === 'email') return hideLocal(value)
  if (way === 'partial' && kind === 'cardNumber') return keepEnds(value, 6, 4)
  if (way === 'partial' && kind === 'iban') return keepEnds(value, 4, 4)
  return way === 'remove' ? '' : hideValue(way, value, kind, digest)
}

/** What stands in the place of a field's value. */
export function hideValue(way: Exclude<Way, 'remove'>, value: string, name: string, digest: Digest): string {
  switch (way) {
    case 'redact':
      return redacted
    case 'last4':
      return keepEnds(value, 0, 4)
    case 'partial':
      return value.includes('@') ? hideLocal(value) : keepEnds(value, 2, 2)
    case 'hash':
      return `hash:${digest(value, name)}`
  }
}

/** `a***@example.com` */
function hideLocal(value: string): string {
  const at = value.includes('@') ? value.indexOf('@') : value.indexOf('%40')
  const first = Array.from(value)[0] ?? ''
  return at < 1 ? stars : `${at > 1 ? first : ''}***${value.slice(at)}`
}

/** The first and the last of the letters and digits; separators are no part of the value. */
function keepEnds(value: string, first: number, last: number): string {
  const characters = Array.from(value).filter((one) => /[\p{L}\p{N}]/u.test(one))
  if (characters.length < Math.max(minLength, first + last + 4)) {
    return first === 0 || characters.length < minLength ? stars : keepEnds(value, 0, last)
  }
  return characters.slice(0, first).join('') + stars + characters.slice(-last).join('')
}
