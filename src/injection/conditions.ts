import {
  close,
  comment,
  compare,
  doubled,
  end,
  lookAhead,
  number,
  open,
  operator,
  quote,
  type Tokens,
  word,
} from './tokens.ts'
import { comparison, constant, filler } from './words.ts'

/** What a value in a condition is made of. */
export const literal = 1
export const named = 2

/** What the last call of `skipOperand` saw. */
export let operandKind = 0

/** Behind signs and brackets that change nothing. */
export function skipSigns(t: Tokens, from: number): number {
  let i = from
  while (i < from + 6) {
    const kind = t.kinds[i]
    const isSign = kind === open || (kind === operator && isSignAt(t, i)) || ((t.meanings[i] as number) & filler) !== 0
    if (!isSign) break
    i++
  }
  return i
}

function isSignAt(t: Tokens, i: number): boolean {
  const code = t.text.charCodeAt(t.starts[i] as number)
  return code === 0x2d || code === 0x2b || code === 0x7e || code === 0x21
}

/**
 * Behind a value: a number, a literal, a name, a call, or several joined by arithmetic. −1 where there is none. A
 * literal may lack its end, which is the end of the literal in which the text stands.
 */
export function skipOperand(t: Tokens, from: number): number {
  let kind = literal
  let i = from
  for (let parts = 0; parts < 5; parts++) {
    i = skipOne(t, skipSigns(t, i))
    if (i === -1) return -1
    if (operandKind === named) kind = named
    while (t.kinds[i] === close) i++
    if (t.kinds[i] !== operator || t.meanings[i] !== 0 || isComma(t, i)) break
    if (i - from > lookAhead - 12) break
    i++
  }
  operandKind = kind
  return i
}

function isComma(t: Tokens, i: number): boolean {
  return t.text.charCodeAt(t.starts[i] as number) === 0x2c
}

function skipOne(t: Tokens, i: number): number {
  const kind = t.kinds[i]
  if (kind === number) {
    operandKind = literal
    return i + 1
  }
  if (kind === quote) return skipLiteral(t, i)
  if (kind !== word) return -1
  operandKind = ((t.meanings[i] as number) & constant) === 0 ? named : literal
  let after = i + 1
  if (t.kinds[after] === open) {
    for (let depth = 0; after < i + 20; after++) {
      if (t.kinds[after] === open) depth++
      else if (t.kinds[after] === close && --depth === 0) return after + 1
      else if (t.kinds[after] === end) return after
    }
  }
  return after
}

function skipLiteral(t: Tokens, i: number): number {
  operandKind = literal
  const sign = t.text.charCodeAt(t.starts[i] as number)
  // The name of a member in JSON.
  if (t.text[t.starts[i + 1] as number] === ':') return -1
  for (let after = i + 1; after < i + 8; after++) {
    if (t.kinds[after] === end) return after
    if (t.kinds[after] === quote && t.text.charCodeAt(t.starts[after] as number) === sign) return after + 1
  }
  return -1
}

/** What a condition compares: 0 where there is none. */
export const nothing = 0
/** Two literals, which needs no column. */
export const literals = 1
/** A name with itself, as in `id=id`. */
export const itself = 2
export const names = 3

export let conditionEnd = 0
/** Whether it compares with `==`. */
export let isDoubled = false

/** What the condition that begins at a token compares. */
export function conditionAt(t: Tokens, from: number): number {
  const start = skipSigns(t, from)
  const left = skipOperand(t, start)
  if (left === -1 || left === start) return nothing
  const leftKind = operandKind
  let i = left
  if (((t.meanings[i] as number) & filler) !== 0) i++
  const isWord = ((t.meanings[i] as number) & comparison) !== 0 && t.kinds[i] === word
  if (t.kinds[i] !== compare && !isWord) return nothing
  isDoubled = t.kinds[i] === compare && t.meanings[i] === doubled
  if (isWord && !comparesAt(t, i)) return nothing
  const right = skipOperand(t, skipSigns(t, i + 1))
  if (right === -1) {
    conditionEnd = i + 1
    return isWord ? nothing : names
  }
  conditionEnd = right
  if (leftKind === literal && operandKind === literal) return literals
  if (isSame(t, start, left, skipSigns(t, i + 1), right)) return itself
  return names
}

/** Words that compare stand in sentences as well: what follows them has to be what follows in SQL. */
function comparesAt(t: Tokens, i: number): boolean {
  const next = skipSigns(t, i + 1)
  switch (t.text.slice(t.starts[i], t.ends[i])) {
    case 'is':
      return ((t.meanings[next] as number) & constant) !== 0
    case 'in':
      return t.kinds[i + 1] === open
    case 'between':
      return t.kinds[next] !== word
    default:
      return true
  }
}

function isSame(t: Tokens, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const one = t.text.slice(t.starts[a], t.ends[aEnd - 1])
  return one.length < 64 && one === t.text.slice(t.starts[b], t.ends[bEnd - 1])
}

/** Whether nothing of a query follows: the text ends, or what follows is a comment. */
export function isFinal(t: Tokens, i: number): boolean {
  const kind = t.kinds[i]
  return kind === end || kind === comment
}
