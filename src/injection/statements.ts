import { comment, end, number, open, operator, quote, type Tokens, word } from './tokens.ts'
import { clause, filler, object, select, timing, union, verb } from './words.ts'

/** Whether a statement of SQL begins at a token, and not a sentence that begins with such a word. */
export function isStatement(t: Tokens, i: number): boolean {
  if (((t.meanings[i] as number) & verb) === 0) return false
  const [kind, meaning] = [t.kinds[i + 1], t.meanings[i + 1] as number]
  switch (wordAt(t, i)) {
    case 'drop':
    case 'alter':
    case 'create':
    case 'truncate':
    case 'rename':
      return (meaning & object) !== 0
    case 'insert':
    case 'merge':
    case 'replace':
      return wordAt(t, i + 1) === 'into'
    case 'delete':
      return wordAt(t, i + 1) === 'from'
    case 'update':
      return kind === word && wordAt(t, i + 2) === 'set'
    case 'select':
      return isSelectList(t, i + 1)
    case 'waitfor':
      return wordAt(t, i + 1) === 'delay' || wordAt(t, i + 1) === 'time'
    case 'exec':
    case 'execute':
      return (kind === word && (wordAt(t, i + 1).includes('_') || t.kinds[i + 2] === quote)) || kind === open
    case 'declare':
    case 'set':
      return kind === word && t.text[t.starts[i + 1] as number] === '@'
    case 'shutdown':
      return kind === end || kind === comment || wordAt(t, i + 1) === 'with'
    case 'call':
      return kind === word && t.kinds[i + 2] === open
    case 'copy':
      if (kind === open && ((t.meanings[i + 2] as number) & select) !== 0) return true
      return (kind === word || kind === open) && ['from', 'to'].includes(wordAt(t, i + 2))
    case 'attach':
      return (meaning & object) !== 0
    default:
      return false
  }
}

/** Whether what follows `select` is what queries select, and not what people do. */
export function isSelectList(t: Tokens, from: number): boolean {
  let i = from
  while (((t.meanings[i] as number) & filler) !== 0) i++
  const kind = t.kinds[i]
  if (kind === number || kind === quote || kind === open) return true
  if (kind === operator) return t.text[t.starts[i] as number] === '*'
  if (kind !== word) return false
  if (((t.meanings[i] as number) & timing) !== 0 || t.text[t.starts[i] as number] === '@') return true
  const after = t.kinds[i + 1]
  if (after === open || (after === number && wordAt(t, i) === 'top')) return true
  if (after === operator) return ',|'.includes(t.text[t.starts[i + 1] as number] as string) && t.kinds[i + 2] !== end
  return wordAt(t, i + 1) === 'from' ? isSource(t, i + 2) : wordAt(t, i) === 'null'
}

/** `from users`, then the end or another part of a query, but not `from the list of members`. */
function isSource(t: Tokens, i: number): boolean {
  if (t.kinds[i] !== word) return t.kinds[i] === open || t.kinds[i] === quote
  const after = t.kinds[i + 1]
  return after !== word || ((t.meanings[i + 1] as number) & (clause | union)) !== 0
}

/** Where `select` stands of a `union select` that begins at a token; −1 where it is none. */
export function unionSelect(t: Tokens, from: number): number {
  if (((t.meanings[from] as number) & union) === 0) return -1
  let i = from + 1
  while (i < from + 6 && (t.kinds[i] === open || ((t.meanings[i] as number) & filler) !== 0)) i++
  return ((t.meanings[i] as number) & select) === 0 ? -1 : i
}

/** `union values (1)`, `union values row(1)` and `union table users`, which need no `select`. */
export function unionTable(t: Tokens, from: number): boolean {
  if (((t.meanings[from] as number) & union) === 0) return false
  let i = from + 1
  while (i < from + 4 && ((t.meanings[i] as number) & filler) !== 0) i++
  if (wordAt(t, i) === 'values') return t.kinds[i + 1] === open || wordAt(t, i + 1) === 'row'
  return isTableStatement(t, i)
}

/** `table users`, and nothing that a sentence would have behind it. */
export function isTableStatement(t: Tokens, i: number): boolean {
  return wordAt(t, i) === 'table' && t.kinds[i + 1] === word && (t.kinds[i + 2] === comment || t.kinds[i + 2] === end)
}

/** Whether a list of what is selected is followed by where it is from. */
export function selectsFrom(t: Tokens, from: number): boolean {
  for (let i = from; i < from + 16 && t.kinds[i] !== end; i++) {
    if (wordAt(t, i) === 'from') return isSelectList(t, from) && isSource(t, i + 1)
  }
  return false
}

export function wordAt(t: Tokens, i: number): string {
  return t.kinds[i] === word
    ? t.text.slice(t.starts[i], Math.min(t.ends[i] as number, (t.starts[i] as number) + 40))
    : ''
}
