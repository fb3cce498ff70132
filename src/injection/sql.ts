import {
  conditionAt,
  conditionEnd,
  isDoubled,
  isFinal,
  itself,
  literals,
  nothing,
  skipOperand,
  skipSigns,
} from './conditions.ts'
import type { Report } from './finding.ts'
import {
  isSelectList,
  isStatement,
  isTableStatement,
  selectsFrom,
  unionSelect,
  unionTable,
  wordAt,
} from './statements.ts'
import {
  close,
  comment,
  compare,
  doubled,
  end,
  number,
  open,
  operator,
  quote,
  semicolon,
  type Tokens,
  word,
} from './tokens.ts'
import { comparison, connector, inspecting, select, timing } from './words.ts'

/** A text that breaks out of a literal and goes on as SQL. `i` is the first token behind the quote or number. */
export function judgeSqlBreak(t: Tokens, from: number, isBare: boolean, report: Report): void {
  let i = from
  while (i < from + 6 && t.kinds[i] === close) i++
  const kind = t.kinds[i]
  const meaning = t.meanings[i] as number
  if ((meaning & connector) !== 0) judgeConnector(t, i + 1, isBare, report)
  const list = unionSelect(t, i) + 1
  if (list > 0) report('sql', 'sql-union', isSelectList(t, list) || !(isBare || isOnlyWords(t, list)) ? 10 : 4)
  if (unionTable(t, i)) report('sql', 'sql-union', isBare ? 6 : 9)
  if (kind === semicolon && (isStatement(t, i + 1) || isTableStatement(t, i + 1))) report('sql', 'sql-statement', 9)
  if (kind === semicolon && wordAt(t, i + 1) === 'sleep' && t.kinds[i + 2] === open && t.kinds[i + 3] === number) {
    report('nosql', 'nosql-script', 7)
  }
  if (kind === word && wordAt(t, i) === 'waitfor' && wordAt(t, i + 1) === 'delay') report('sql', 'sql-statement', 9)
  if (kind === word) judgeClause(t, i, isBare, report)
  if (kind === comment && !isBare) judgeComment(t, i, report)
  if (kind === operator || kind === compare || (meaning & comparison) !== 0) judgeOperator(t, i, isBare, report)
}

/** `Teachers' Union Select Committee`: a query would leave the quote behind it open. */
function isOnlyWords(t: Tokens, from: number): boolean {
  let i = from
  while (i < from + 6 && t.kinds[i] === word && t.meanings[i] === 0) i++
  return i > from && t.kinds[i] === end
}

function judgeConnector(t: Tokens, from: number, isBare: boolean, report: Report): void {
  const i = skipSigns(t, from)
  const meaning = t.meanings[i] as number
  if ((meaning & select) !== 0 && i > from && isSelectList(t, i + 1)) report('sql', 'sql-subquery', 8)
  const isCall = t.kinds[i + 1] === open
  if ((meaning & timing) !== 0 && (isCall || wordAt(t, i).includes('_'))) report('sql', 'sql-function', 9)
  else if ((meaning & inspecting) !== 0 && isCall) report('sql', 'sql-function', 8)
  else if (wordAt(t, i) === 'case' && wordAt(t, i + 1) === 'when') report('sql', 'sql-function', 8)
  const condition = conditionAt(t, from)
  if (condition !== nothing) {
    if (condition === literals)
      report('sql', 'sql-condition', isDoubled && (isBare || !isFinal(t, conditionEnd)) ? 4 : 9)
    else if (condition === itself) report('sql', 'sql-condition', 8)
    else report('sql', 'sql-condition', isBare ? (t.kinds[conditionEnd] === comment ? 8 : 4) : 8)
    return
  }
  const after = skipOperand(t, i)
  if (after === -1 || !isFinal(t, after) || (t.kinds[i] === word && !isConstant(t, i))) return
  if (t.kinds[after] === comment) report('sql', 'sql-condition', 6)
  // 5' or 6 is a length, and `' or 1` needs no more to be true.
  else if (!isBare && t.kinds[from - 3] !== number && t.kinds[i] !== quote) report('sql', 'sql-condition', 4)
}

function isConstant(t: Tokens, i: number): boolean {
  const text = wordAt(t, i)
  return text === 'true' || text === 'false' || text === 'null'
}

function judgeClause(t: Tokens, i: number, isBare: boolean, report: Report): void {
  const [first, second] = [wordAt(t, i), wordAt(t, i + 1)]
  if ((first === 'order' || first === 'group') && second === 'by') {
    const after = t.kinds[i + 2] === number || t.kinds[i + 2] === word ? i + 3 : -1
    if (after !== -1 && isFinal(t, after)) report('sql', 'sql-clause', isBare && t.kinds[after] === end ? 4 : 8)
    else if (after !== -1 && wordAt(t, after) === 'having') report('sql', 'sql-clause', 8)
  }
  if (first === 'into' && (second === 'outfile' || second === 'dumpfile')) report('sql', 'sql-clause', 9)
  if (first === 'procedure' && second === 'analyse') report('sql', 'sql-clause', 9)
  if (first === 'limit' && t.kinds[i + 1] === number && t.kinds[skipList(t, i + 1)] === comment) {
    report('sql', 'sql-clause', 8)
  }
}

function skipList(t: Tokens, from: number): number {
  let i = from
  while (i < from + 6 && (t.kinds[i] === number || t.kinds[i] === operator)) i++
  return i
}

/** `admin'--`: what the program would add is cut off. */
function judgeComment(t: Tokens, i: number, report: Report): void {
  let after = i + 1
  while (after < i + 4 && (t.kinds[after] === operator || t.kinds[after] === comment)) after++
  if (
    t.kinds[after] === end ||
    (t.kinds[after] === word && t.kinds[after + 1] === end && t.ends[after] === (t.starts[after] as number) + 1)
  ) {
    report('sql', 'sql-comment', 7)
  }
}

/** `'=''`, `'+(select …)`, `' like '%`, `1-sleep(5)`. */
function judgeOperator(t: Tokens, i: number, isBare: boolean, report: Report): void {
  const start = skipSigns(t, i + 1)
  const meaning = t.meanings[start] as number
  if ((meaning & select) !== 0 && t.kinds[start - 1] === open && isSelectList(t, start + 1))
    report('sql', 'sql-subquery', 8)
  if (t.kinds[start + 1] === open && (meaning & timing) !== 0) report('sql', 'sql-function', 8)
  else if (t.kinds[start + 1] === open && (meaning & inspecting) !== 0 && !isBare) report('sql', 'sql-function', 6)
  if (isBare || (t.kinds[i] === compare && t.meanings[i] === doubled)) return
  const after = skipOperand(t, i + 1)
  if (after === -1) return
  if (t.kinds[after] === comment && t.kinds[i] !== operator) {
    report('sql', 'sql-operator', 7)
    return
  }
  if (
    t.kinds[i] !== operator &&
    ((t.meanings[after] as number) & connector) !== 0 &&
    (conditionAt(t, after + 1) !== nothing || (t.kinds[after + 1] === quote && t.kinds[after + 2] === end))
  ) {
    report('sql', 'sql-condition', 8)
    return
  }
  if (t.isFirst && i <= 3 && t.kinds[after] === end && isSigns(t, after)) report('sql', 'sql-operator', 6)
}

/** Whether a text is quotes, operators and single characters only: `'='`, `'-'0`. */
function isSigns(t: Tokens, count: number): boolean {
  let quotes = 0
  for (let i = 0; i < count; i++) {
    if (t.kinds[i] === quote) quotes++
    else if (t.kinds[i] === word && (t.ends[i] as number) - (t.starts[i] as number) > 1) return false
  }
  return quotes >= 2 && t.kinds[0] === quote
}

/** What needs no quote before it. `isStatementText`: a whole query stands in the text, as people paste them. */
export function judgeSqlAnywhere(t: Tokens, i: number, isPasted: boolean, report: Report): void {
  const meaning = t.meanings[i] as number
  const selecting = unionSelect(t, i)
  if (selecting !== -1 && isSelectList(t, selecting + 1)) report('sql', 'sql-union', isPasted ? 4 : 7)
  if ((meaning & timing) !== 0 && i > 0) {
    const before = t.meanings[i - 1] as number
    const isCalled = t.kinds[i + 1] === open && wordAt(t, i) !== 'sleep'
    if (isCalled && (before & (select | connector)) !== 0) report('sql', 'sql-function', 7)
  }
  if (t.isFirst && !isPasted) judgeBareStart(t, i, report)
  const kind = t.kinds[i]
  if (kind === quote || kind === close || (kind === number && t.isFirst && i <= 1)) {
    const joins = t.meanings[i + 1] as number
    const isOr = t.kinds[i + 1] === word && (joins & connector) !== 0 && wordAt(t, i + 1).endsWith('or')
    if (isOr && isTautology(t, i + 2)) report('sql', 'sql-condition', isPasted ? 4 : 7)
  }
  if (t.kinds[i] === word && wordAt(t, i) === 'waitfor' && wordAt(t, i + 1) === 'delay' && t.kinds[i + 2] === quote) {
    report('sql', 'sql-statement', 7)
  }
}

/** Where a column or an order is expected, nothing has to be left: `id,(select …)`, `id;drop table x`, `if(1=1,sleep(5),0)`. */
function judgeBareStart(t: Tokens, i: number, report: Report): void {
  const meaning = t.meanings[i] as number
  if ((meaning & select) !== 0 && t.kinds[i - 1] === open && (i === 1 || t.kinds[i - 2] === operator)) {
    if (selectsFrom(t, i + 1)) report('sql', 'sql-subquery', 6)
  }
  if (i === 1 && t.kinds[1] === semicolon && t.kinds[0] === word && isStatement(t, 2)) {
    if (wordAt(t, 2) !== 'select' || selectsFrom(t, 3) || ((t.meanings[3] as number) & timing) !== 0)
      report('sql', 'sql-statement', 6)
  }
  if ((meaning & timing) === 0 || t.kinds[i + 1] !== open) return
  if (i === 0 && wordAt(t, i) === 'benchmark' && t.kinds[2] === number && t.kinds[3] === operator)
    report('sql', 'sql-function', 7)
  if (i > 1 && i < 12 && wordAt(t, 0) === 'if' && t.kinds[1] === open && t.kinds[i - 1] === operator)
    report('sql', 'sql-function', 7)
}

/** Two literals that are equal, or begin so where the last one lacks its end. */
function isTautology(t: Tokens, i: number): boolean {
  const start = skipSigns(t, i)
  if (t.kinds[start] !== number && t.kinds[start] !== quote) return false
  if (conditionAt(t, i) !== literals || isDoubled) return false
  const left = skipOperand(t, start)
  const value = (from: number, to: number) => t.text.slice(t.starts[from], t.ends[to - 1]).replaceAll(/['"\s]/g, '')
  const one = value(start, left)
  return one.length < 40 && one === value(left + 1, conditionEnd)
}
