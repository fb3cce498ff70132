const literal = /[^\s,\]}]+/y
const space = /\s*/y

/** The offset of the value that a pointer leads to in valid JSON, or of the last one on the way there. Linear. */
export function locateInJson(text: string, tokens: readonly string[]): number {
  let at = skip(space, text, 0)
  for (const token of tokens) {
    const found = findChild(text, at, token)
    if (found === null) return at
    at = found
  }
  return at
}

function findChild(text: string, start: number, token: string): number | null {
  const isObject = text[start] === '{'
  if (!isObject && text[start] !== '[') return null
  let at = skip(space, text, start + 1)
  for (let place = 0; text[at] !== '}' && text[at] !== ']'; place++) {
    let name = String(place)
    if (isObject) {
      const end = endOfString(text, at)
      name = JSON.parse(text.slice(at, end)) as string
      at = skip(space, text, skip(space, text, end) + 1)
    }
    if (name === token) return at
    at = skip(space, text, endOfValue(text, at))
    if (text[at] === ',') at = skip(space, text, at + 1)
  }
  return null
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start)
  if (text[start] !== '{' && text[start] !== '[') return skip(literal, text, start)
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at) - 1
    else if (char === '{' || char === '[') depth++
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1
  }
  return text.length
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

function skip(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : start
}
