/** A parameter that servers may read differently. */
export const ambiguous = Symbol('ambiguous')

/**
 * The value of one query parameter, decoded; null where it is absent. It is `ambiguous` where servers disagree: it
 * comes twice, in another case, as a list or member (`id[]`, `id[0]`, `id.x`), in brackets (`[id]`, Express), with
 * other characters where the name has `_` (`user.id`, PHP), holds a broken escape, or `;` might separate parameters.
 */
export function readQueryValue(query: string, name: string): string | null | typeof ambiguous {
  const wanted = toPlain(toBare(name))
  let found: string | null = null
  for (const part of query.split('&')) {
    const equals = part.indexOf('=')
    const key = decode(equals === -1 ? part : part.slice(0, equals))
    if (key === null) return ambiguous
    const bare = toBare(key)
    const plain = toPlain(bare)
    const isNear = plain.startsWith(wanted) && /^[[.\]\0]/.test(bare.slice(wanted.length))
    if (plain !== wanted && !isNear && !holdsHidden(part, wanted)) continue
    if (key !== name || found !== null) return ambiguous
    const value = decode(equals === -1 ? '' : part.slice(equals + 1))
    if (value === null || part.includes(';')) return ambiguous
    found = value
  }
  return found
}

function toBare(name: string): string {
  return name.toLowerCase().trim().replace(/^\[+/, '')
}

/** PHP writes `_` for what its variables cannot be called. */
function toPlain(bare: string): string {
  return bare.replace(/[. [\]]/g, '_')
}

/** Some servers end a parameter at `;` (HTML 4.01 appendix B.2.2). */
function holdsHidden(part: string, wanted: string): boolean {
  if (!part.includes(';')) return false
  return part
    .split(';')
    .slice(1)
    .some((one) => toPlain(toBare(decode(one.split('=')[0] ?? '') ?? wanted)).startsWith(wanted))
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}
