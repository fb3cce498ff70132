const maxLength = 2000
const plain = /^\/(?![/\\])[!-~]*$/

/**
 * Where a login comes back to: a path of our own, whatever was asked for.
 * @param avoid paths that would lead round in circles
 */
export function toReturnPath(asked: string | null, otherwise: string, avoid: readonly string[]): string {
  if (asked === null || asked.length > maxLength || !plain.test(asked)) return otherwise
  // What browsers make of it decides, not what it looks like.
  const origin = 'https://here.invalid'
  const url = URL.parse(asked, origin)
  return url === null || url.origin !== origin || avoid.includes(url.pathname) ? otherwise : asked
}
