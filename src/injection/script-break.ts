import { conditionAt, isDoubled, nothing, skipSigns } from './conditions.ts'
import type { Report } from './finding.ts'
import { wordAt } from './statements.ts'
import { close, compare, end, number, open, operator, other, quote, semicolon, type Tokens, word } from './tokens.ts'
import { connector, scripting, statementWord, xpathFunction } from './words.ts'

/** A text that breaks out of a literal and goes on as JavaScript, in a page or in a database, or as XPath. */
export function judgeScriptBreak(t: Tokens, from: number, isBare: boolean, report: Report): void {
  let i = from
  while (i < from + 5 && (t.kinds[i] === close || isBracket(t, i))) i++
  const kind = t.kinds[i]
  const meaning = t.meanings[i] as number
  if (kind === semicolon || kind === operator) {
    const next = skipSigns(t, i + 1)
    judgeStatement(t, next, kind === semicolon, report)
    if (isPathAt(t, i, next) && !isBare) report('xpath', 'xpath-path', 8)
  }
  if ((meaning & connector) === 0) return
  if (((t.meanings[i + 1] as number) & xpathFunction) !== 0 && kind === word && callsAt(t, i + 1)) {
    report('xpath', 'xpath-function', 8)
  }
  const next = skipSigns(t, i + 1)
  if (kind === operator) {
    if (wordAt(t, next) === 'this' && isDot(t, next + 1)) report('nosql', 'nosql-script', 8)
    if (conditionAt(t, i + 1) !== nothing && isDoubled) report('nosql', 'nosql-script', 8)
    return
  }
  if (((t.meanings[next] as number) & xpathFunction) !== 0 && callsAt(t, next)) report('xpath', 'xpath-function', 8)
  if (!isBare && t.kinds[next] === operator && slashAt(t, next)) report('xpath', 'xpath-path', 8)
}

function judgeStatement(t: Tokens, i: number, isSeparated: boolean, report: Report): void {
  const meaning = t.meanings[i] as number
  const after = t.kinds[i + 1]
  if ((meaning & scripting) !== 0) {
    const isUsed = after === open || isDot(t, i + 1) || after === compare || isBracket(t, i + 1) || isTick(t, i + 1)
    if (isUsed) report('xss', 'xss-script-break', 8)
  }
  if (!isSeparated || (meaning & statementWord) === 0) return
  const isCode =
    wordAt(t, i) === 'return'
      ? after === word || after === number || after === quote || after === open || after === semicolon || after === end
      : after === open || isDot(t, i + 1) || t.kinds[i + 2] === compare || isBracket(t, i + 1)
  if (isCode) report('nosql', 'nosql-script', 7)
}

/** `name(`, also `local-name(`, `starts-with(`. */
function callsAt(t: Tokens, i: number): boolean {
  if (t.kinds[i + 1] === open) return true
  return t.kinds[i + 1] === operator && t.kinds[i + 2] === word && t.kinds[i + 3] === open
}

/** `'] | //user` */
function isPathAt(t: Tokens, i: number, next: number): boolean {
  return t.text[t.starts[i] as number] === '|' && t.meanings[i] === 0 && t.kinds[next] === operator && slashAt(t, next)
}

const signAt = (t: Tokens, i: number) => t.text.charCodeAt(t.starts[i] as number)
const slashAt = (t: Tokens, i: number) => signAt(t, i) === 0x2f
const isDot = (t: Tokens, i: number) => t.kinds[i] === other && signAt(t, i) === 0x2e
const isTick = (t: Tokens, i: number) => t.kinds[i] === quote && signAt(t, i) === 0x60

function isBracket(t: Tokens, i: number): boolean {
  const sign = signAt(t, i)
  return t.kinds[i] === other && (sign === 0x5b || sign === 0x5d || sign === 0x7d)
}
