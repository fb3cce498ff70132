import { foldName, type Pair, parsePairs, readHiddenNames } from '../../input/pairs.ts'
import { type Finding, malformed, tooMuch } from './finding.ts'
import type { StructureLimitsOptions } from './options.ts'

type PairLimits = StructureLimitsOptions['query']

/** Judges a query or a form, as it is written. */
export function checkPairs(place: 'query' | 'body', text: string, limits: PairLimits): Finding | null {
  if (countParts(text) > limits.maxParameters) {
    return tooMuch(place, '', 'maxParameters', `at most ${limits.maxParameters} parameters`)
  }
  const read = parsePairs(text)
  if (!read.ok) return malformed(place, '', 'encoding', 'escapes of UTF-8')
  for (const pair of read.pairs) {
    const finding = checkPair(place, pair, limits)
    if (finding !== null) return finding
  }
  const tally = new NameTally(limits.allowRepeated)
  const repeated = [...read.pairs.map(([name]) => name), ...readHiddenNames(text)].find((name) => !tally.add(name))
  return repeated === undefined ? null : malformed(place, repeated, 'repeated', 'each name once')
}

function countParts(text: string): number {
  let count = text === '' ? 0 : 1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) count++
  return count
}

function checkPair(place: 'query' | 'body', [name, value]: Pair, limits: PairLimits): Finding | null {
  if (name.length > limits.maxNameLength) {
    return tooMuch(place, name, 'maxNameLength', `names of at most ${limits.maxNameLength} characters`)
  }
  if (value.length * 3 > limits.maxValueBytes && Buffer.byteLength(value) > limits.maxValueBytes) {
    return tooMuch(place, name, 'maxValueBytes', `at most ${limits.maxValueBytes} bytes`)
  }
  // A text area sends line ends; a query has none that is honest.
  const hasControl = holdsControl(name, true) || holdsControl(value, place === 'query')
  if (hasControl && !limits.allowControls) return malformed(place, name, 'control', 'no control characters')
  return null
}

function holdsControl(text: string, strict: boolean): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x7f || (code < 0x20 && (strict || (code !== 0x09 && code !== 0x0a && code !== 0x0d)))) return true
  }
  return false
}

/** Tells names that an application may find twice, or as a value and as a list. */
export class NameTally {
  readonly #allowed: ReadonlySet<string>
  readonly #seen = new Map<string, { readonly isPlain: boolean; readonly rests: Set<string> }>()

  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map((one) => foldName(one).base))
  }

  /** False where the name came before. `a[x]=1&a[y]=2` are two members of one object, and pass. */
  add(name: string): boolean {
    const { base, rest } = foldName(name)
    if (this.#allowed.has(base)) return true
    const isPlain = rest === ''
    const known = this.#seen.get(base)
    if (known === undefined) {
      this.#seen.set(base, { isPlain, rests: new Set([rest]) })
      return true
    }
    if (known.isPlain !== isPlain || known.rests.has(rest)) return false
    known.rests.add(rest)
    return true
  }
}
