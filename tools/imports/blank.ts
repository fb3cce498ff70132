/**
 * Replaces comments and what stands between quotes, backticks and the slashes of a regular expression with spaces, so
 * that a search for code finds only code. Positions and lines stay as they are, and so do the quotes themselves.
 */
export function blankNonCode(source: string): string {
  const out = source.split('')
  // One entry for each `${` that is open: how many braces are open inside it.
  const substitutions: number[] = []
  let at = 0

  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== '\n') out[i] = ' '
  }
  const skipTo = (end: number, keepEnds: number) => {
    blank(at + keepEnds, end - keepEnds)
    at = end
  }
  const skipTemplate = () => {
    const end = endOfTemplateText(source, at + 1)
    blank(at + 1, end)
    const substitutes = source[end] === '$'
    if (substitutes) substitutions.push(0)
    at = end + (substitutes ? 2 : 1)
  }

  while (at < source.length) {
    const char = source[at]
    if (source.startsWith('//', at)) skipTo(orEnd(source.indexOf('\n', at), source), 0)
    else if (source.startsWith('/*', at)) skipTo(orEnd(source.indexOf('*/', at + 2) + 2, source), 0)
    else if (char === "'" || char === '"') skipTo(endOfQuoted(source, at, char), 1)
    else if (char === '`') skipTemplate()
    else if (char === '/' && mayStartRegex(out, at)) skipTo(endOfRegex(source, at), 0)
    else if (substitutions.length > 0 && char === '}' && substitutions.at(-1) === 0) {
      substitutions.pop()
      skipTemplate()
    } else {
      if (substitutions.length > 0 && (char === '{' || char === '}')) {
        substitutions.push((substitutions.pop() ?? 0) + (char === '{' ? 1 : -1))
      }
      at += 1
    }
  }
  return out.join('')
}

function orEnd(end: number, source: string): number {
  return end < 2 ? source.length : end
}

function endOfQuoted(source: string, start: number, quote: string): number {
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] === '\\') i += 1
    else if (source[i] === quote) return i + 1
    else if (source[i] === '\n') return i
  }
  return source.length
}

function endOfTemplateText(source: string, start: number): number {
  for (let i = start; i < source.length; i++) {
    if (source[i] === '\\') i += 1
    else if (source[i] === '`' || source.startsWith('${', i)) return i
  }
  return source.length
}

function endOfRegex(source: string, start: number): number {
  let inClass = false
  for (let i = start + 1; i < source.length && source[i] !== '\n'; i++) {
    if (source[i] === '\\') i += 1
    else if (source[i] === '[') inClass = true
    else if (source[i] === ']') inClass = false
    else if (source[i] === '/' && !inClass) return i + 1
  }
  return start + 1 // a division after all
}

/** Whether a slash starts a regular expression rather than divides: the question is what stands before it. */
function mayStartRegex(code: readonly string[], slash: number): boolean {
  let end = slash
  while (end > 0 && code[end - 1]?.trim() === '') end -= 1
  const before = code.slice(Math.max(0, end - 10), end).join('')
  if (/(^|[^\w$.])(return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/.test(before)) return true
  return !/([\w$)\]'"`]!?|\+\+|--)$/.test(before)
}
