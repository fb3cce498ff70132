/**
 * Where a quoted text ends; its opening quote stands right before `start`. The end is a quote that is escaped as often
 * as that one: within a text that is itself escaped once, `\"` ends it and `\\\"` does not.
 */
export function findQuoteEnd(text: string, start: number): number {
  const quote = text[start - 1] as string
  const depth = countBackslashes(text, 0, start - 1)
  for (let at = text.indexOf(quote, start); at !== -1; at = text.indexOf(quote, at + 1)) {
    const escapes = countBackslashes(text, start, at)
    if (escapes % (2 * (depth + 1)) <= depth) return at - Math.min(escapes, depth)
  }
  return text.length
}

/** Where a list or an object ends whose opening bracket stands at `start`. */
export function findBracketEnd(text: string, start: number): number {
  const signs = /["'`[\]{}]/g
  let open = 0
  signs.lastIndex = start
  for (let found = signs.exec(text); found !== null; found = signs.exec(text)) {
    const [sign] = found
    if (!isQuote(sign)) open += sign === '[' || sign === '{' ? 1 : -1
    else signs.lastIndex = skipQuote(text, signs.lastIndex)
    if (open === 0) return signs.lastIndex
  }
  return text.length
}

export function isQuote(char: string | undefined): boolean {
  return char === '"' || char === "'" || char === '`'
}

/** Past the closing quote, with the backslashes before it. */
function skipQuote(text: string, start: number): number {
  const end = text.indexOf(text[start - 1] as string, findQuoteEnd(text, start))
  return end === -1 ? text.length : end + 1
}

function countBackslashes(text: string, from: number, end: number): number {
  let at = end
  while (at > from && text[at - 1] === '\\') at--
  return end - at
}
