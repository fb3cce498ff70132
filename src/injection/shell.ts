import type { Report } from './finding.ts'
import { alone, looksLikeArguments, programs, withArguments } from './shell-programs.ts'

/** An injected command follows a value; a value is one word, and short. */
const longestValue = 256
/** What separates commands further on separates no value from a command. */
const mostSeparators = 8

/**
 * Values that go on as a command of a shell: one word (a name, an address, nothing at all), then what ends a command or
 * begins another one, then a program. Commands that people write about begin with a program or stand in a sentence.
 */
export function judgeShell(text: string, report: Report): void {
  const limit = Math.min(text.length, longestValue)
  let hasBlank = false
  let separators = 0
  for (let i = leadingBlanks(text); i < limit; i++) {
    const separator = separatorAt(text, i)
    if (separator !== 0) {
      if (++separators > mostSeparators) break
      // A code span within a sentence.
      if (hasBlank && text.charCodeAt(i) === 0x60) break
      judgeCommand(text, i, separator, hasBlank, report)
      i += separator - 1
      hasBlank = false
    } else if (text.charCodeAt(i) === 0x20 || text.charCodeAt(i) === 0x09) hasBlank = true
    // The second word: this is no value.
    else if (hasBlank) break
  }
  judgeAnywhere(text, report)
}

function leadingBlanks(text: string): number {
  let i = 0
  while (i < longestValue && (text.charCodeAt(i) === 0x20 || text.charCodeAt(i) === 0x09)) i++
  return i
}

/** How long the separator is that stands there; 0 where there is none. */
function separatorAt(text: string, i: number): number {
  const code = text.charCodeAt(i)
  const next = text.charCodeAt(i + 1)
  if (code === 0x7c || code === 0x26) return next === code ? 2 : 1
  if (code === 0x24 && next === 0x28) return 2
  if ((code === 0x3c || code === 0x3e) && next === 0x28) return 2
  if (code === 0x0d && next === 0x0a) return 2
  // A fence of Markdown.
  if (code === 0x60 && (next === 0x60 || text.charCodeAt(i - 1) === 0x60)) return 0
  return code === 0x3b || code === 0x60 || code === 0x0a || code === 0x0d ? 1 : 0
}

function judgeCommand(text: string, at: number, length: number, hasBlank: boolean, report: Report): void {
  const { name, end } = readName(text, at + length)
  const next = text[end] ?? ''
  if (name === '' || next === '=' || next === ':' || next === '.') return
  // `{cat,/etc/passwd}`; elsewhere a comma is one of a sentence or of `data:image/png;base64,`.
  if (next === ',' && !text.slice(at + length, end).includes('{')) return
  if (!alone.has(name) && !withArguments.has(name)) return
  const rest = text.slice(end, end + 200)
  const sign = text[at] as string
  const isTick = sign === '`'
  const isSubstitution = isTick || (length === 2 && text[at + 1] === '(')
  const closes = isTick ? '`' : ')'
  const endsHere = rest.trim() === '' || /^\s*[;|&#'")`\n<>]/.test(rest)
  const isCommand = alone.has(name)
    ? endsHere || looksLikeArguments(rest)
    : withArguments.has(name) && looksLikeArguments(rest)
  if (!isCommand || (isSubstitution && (!rest.includes(closes) || hasBlank))) return
  report(
    'shell',
    isSubstitution ? 'shell-substitution' : 'shell-command',
    weigh(text.slice(0, at).trim(), sign, length, rest, name),
  )
}

/** `nc host 4444`, `ping -n 5 10.0.0.1 &`: nothing that stands in a list. */
function isConnection(name: string, rest: string): boolean {
  if (name === 'nc' || name === 'ncat' || name === 'netcat') return /^\s+(?:-\S+\s+)*[\w.-]+\s+\d{1,5}\b/.test(rest)
  return name === 'ping' && /^\s+-[nc]\s?\d/.test(rest)
}

/** What tables have columns of. */
const columns = new Set(['id', 'set', 'w', 'env', 'ver', 'host', 'hostname', 'type', 'dir', 'ps'])

/** How much the value before, and what separates it, say that a command was added. */
function weigh(value: string, sign: string, length: number, rest: string, name: string): number {
  const isHot =
    isConnection(name, rest) || /\/(?:etc|bin|dev|proc|var|tmp|usr)\b|https?:\/\/|\$\(|c:\\|\b-[lie]\b/.test(rest)
  if (programs.has(value) || value.endsWith('=')) return 3
  const isPlain = /^[a-z_]+$/.test(value)
  if (sign === '\n' || sign === '\r') return isHot && !value.endsWith(':') ? 6 : 3
  if (sign === '`' && /^[^`]*` [a-z]/.test(rest)) return 3
  if (sign === '`')
    return value === '' && !/`\w/.test(rest) ? (rest.trim() === '`' && name.length > 3 ? 5 : isHot ? 6 : 4) : 6
  // `key=1&id=2`, `name|id|type`, `salt & pepper`
  if (length === 1 && sign === '&') return value.includes('=') ? 2 : isHot || !isPlain ? 6 : 4
  if (length === 1 && sign === '|' && /^\s*\|/.test(rest) && columns.has(name)) return 3
  if (length === 1 && sign === '|') return isHot || !isPlain ? 6 : 3
  if (isPlain && !isHot && rest.trim() !== '' && !/^\s-|^\s*[;|&#]/.test(rest)) return 5
  if (isPlain && rest.startsWith(';') && rest.length > 1 && !isHot) return 3
  return 7
}

/**
 * The program's name, read as a shell reads it: without quotes, backslashes and empty variables, without its folder.
 * `{cat,/etc/passwd}` and `c?t` are names too.
 */
function readName(text: string, from: number): { readonly name: string; readonly end: number } {
  let i = from
  while (i < from + 16 && (text.charCodeAt(i) <= 0x20 || text[i] === '{' || text[i] === '(' || text[i] === '!')) i++
  let name = ''
  for (const limit = i + 60; i < limit; i++) {
    const character = text[i]
    if (character === undefined) break
    if (character === '/') name = ''
    else if (character === '"' || character === "'" || character === '\\') continue
    else if (text.startsWith('$@', i) || text.startsWith('$*', i)) i++
    else if (!isNameCharacter(text.charCodeAt(i))) break
    else name += character
  }
  if (text[i] === '.' && text.startsWith('.exe', i)) i += 4
  return { name: /[?*[]/.test(name) ? resolveName(name) : name, end: i }
}

function isNameCharacter(code: number): boolean {
  if ((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d) return true
  return code === 0x3f || code === 0x2a || code === 0x5b || code === 0x5d
}

/** `c?t` and `c*t` of a folder of programs. */
function resolveName(pattern: string): string {
  if (pattern.length < 2 || pattern.length > 10) return ''
  const known = [...withArguments, ...alone].find((one) => {
    if (pattern.includes('*')) {
      const [head = '', tail = ''] = pattern.split('*')
      return head !== '' && one.startsWith(head) && one.endsWith(tail)
    }
    return one.length === pattern.length && [...pattern].every((sign, i) => sign === '?' || sign === one[i])
  })
  return known ?? ''
}

/** What is a command wherever it stands. */
function judgeAnywhere(text: string, report: Report): void {
  if (text.startsWith('()') && /^\(\)\s?\{/.test(text.slice(0, 8))) report('shell', 'shell-function', 9)
  if (text.includes('$')) judgeBlanks(text, report)
  if (text.includes('/')) judgeFiles(text, report)
}

function judgeBlanks(text: string, report: Report): void {
  const ifs = text.indexOf('$ifs')
  const braced = text.indexOf('${ifs')
  if (ifs > 0 && isLetter(text, ifs - 1) && !text.startsWith('=', ifs + 4)) report('shell', 'shell-blank', 7)
  if (braced > 0 && isLetter(text, braced - 1)) report('shell', 'shell-blank', 7)
  if (
    braced === -1 &&
    /^[^\s$]{0,100}[;|&`(][^\s$]{0,20}\$\{[a-z_]{2,20}:\d{1,3}:\d{1,3}\}/.test(text.slice(0, longestValue))
  )
    report('shell', 'shell-blank', 7)
}

function judgeFiles(text: string, report: Report): void {
  if (text.includes('/dev/tcp/')) report('shell', 'shell-connection', 6)
  const secret = text.includes('/etc/') ? text.search(/\/etc\/(?:passwd|shadow)/) : -1
  if (
    secret > 5 &&
    /[;|&`(\n]\s{0,4}(?:\/bin\/|\/usr\/bin\/)?(?:cat|less|more|head|tail|tac|nl|base64)\s{1,4}$/.test(
      text.slice(Math.max(0, secret - 30), secret),
    )
  ) {
    report('shell', 'shell-command', 6)
  }
}

function isLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x61 && code <= 0x7a
}
