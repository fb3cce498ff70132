/** A name and its value, decoded. */
export type Pair = readonly [name: string, value: string]

/** Pairs in the order in which they came, or in words why they cannot be told. */
export type Pairs =
  | { readonly ok: true; readonly pairs: readonly Pair[] }
  | { readonly ok: false; readonly problem: string }

/** Where `qs`, and Express with it, ends a name first: to it, `q=a[]=1` has no parameter `q`. */
const laterEquals = /(?:\]|%5d)=/i
const bracketEnd = /(?:\]|%5d)$/i

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
    if (equals !== -1 && laterEquals.test(part.slice(equals + 1)) && !bracketEnd.test(part.slice(0, equals))) {
      return { ok: false, problem: 'some servers end the name of a parameter at a later `]=`' }
    }
    const value = equals === -1 ? '' : decode(part.slice(equals + 1))
    if (name === null || value === null) return { ok: false, problem: 'a parameter holds a broken escape' }
    pairs.push([name, value])
  }
  return { ok: true, pairs }
}

/**
 * A name as servers fold it: Express and PHP take `[name]`, `name[]` and `name[x]` apart, PHP writes `_` for `.` and
 * space, others do not tell case. Two names that fold alike may reach an application as one.
 */
export function foldName(name: string): { readonly base: string; readonly rest: string } {
  const trimmed = name.toLowerCase().trim().replace(/\0.*$/s, '')
  const bare = trimmed.startsWith('[') ? trimmed.replace(/^\[+/, '').replace(']', '') : trimmed
  const bracket = bare.indexOf('[')
  const base = bracket === -1 ? bare : bare.slice(0, bracket)
  return { base: base.replace(/[. \]]/g, '_'), rest: bracket === -1 ? '' : bare.slice(bracket) }
}

/** Names that servers see which end a parameter at `;` too (HTML 4.01 appendix B.2.2), beside those of `parsePairs`. */
export function readHiddenNames(text: string): readonly string[] {
  if (!text.includes(';')) return []
  return text.split('&').flatMap((part) =>
    part
      .split(';')
      .slice(1)
      .map((one) => decode(one.split('=', 1)[0] as string) ?? '')
      .filter((name) => name !== ''),
  )
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
