const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const word = /true|false|null/y

/**
 * Where the JSON token that begins at `at` ends; -1 where there is none, or where it might go on behind the end.
 * @param ended false where the text was cut off at its end
 */
export function endOfToken(text: string, at: number, ended: boolean): number {
  switch (text.charCodeAt(at)) {
    case 0x7b: // {
    case 0x7d: // }
    case 0x5b: // [
    case 0x5d: // ]
    case 0x2c: // ,
    case 0x3a: // :
      return at + 1
    case 0x22:
      return endOfString(text, at)
    default:
      return endOfLiteral(text, at, ended)
  }
}

export function skipSpace(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) break
  }
  return at
}

/** The text that a string token stands for; null where an escape in it means nothing. */
export function readString(token: string): string | null {
  if (!token.includes('\\')) return token.slice(1, -1)
  try {
    return JSON.parse(token) as string
  } catch {
    return null
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code === 0x5c) at++
    else if (code < 0x20) return -1
  }
  return -1
}

function endOfLiteral(text: string, at: number, ended: boolean): number {
  for (const pattern of [number, word]) {
    pattern.lastIndex = at
    if (!pattern.test(text)) continue
    return pattern.lastIndex === text.length && !ended ? -1 : pattern.lastIndex
  }
  return -1
}
