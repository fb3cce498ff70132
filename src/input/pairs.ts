/** A name and its value, decoded. */
export type Pair = readonly [name: string, value: string]

/** Pairs in the order in which they came, or in words why they cannot be told. */
export type Pairs =
  | { readonly ok: true; readonly pairs: readonly Pair[] }
  | { readonly ok: false; readonly problem: string }

const none: Pairs = Object.freeze({ ok: true, pairs: Object.freeze([]) })

/**
 * Reads a query or a form (WHATWG URL section 5.1), strictly: an escape that is broken or no UTF-8 is not guessed at,
 * because the upstream may guess differently. Repeated names are all told.
 */
export function parsePairs(text: string): Pairs {
  if (text === '') return none
  const pairs: Pair[] = []
  for (const part of text.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decode(equals === -1 ? part : part.slice(0, equals))
    const value = equals === -1 ? '' : decode(part.slice(equals + 1))
    if (name === null || value === null) return { ok: false, problem: 'a parameter holds a broken escape' }
    pairs.push([name, value])
  }
  return { ok: true, pairs }
}

function decode(text: string): string | null {
  const plain = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!plain.includes('%')) return plain
  try {
    return decodeURIComponent(plain)
  } catch {
    return null
  }
}
