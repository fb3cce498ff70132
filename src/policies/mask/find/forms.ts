import { right, type Span } from './span.ts'

/**
 * How a word begins behind which a value may stand: with so many digits and then a separator (`3-`), a letter (`8a`) or
 * neither (`11`, a separator may follow as well), with so many letters (`x2`), or it has a letter first and so many
 * characters in all (`w16`).
 */
export type Beginning = `${number}-` | `${number}a` | `${number}` | `x${number}` | `w${number}`

/** A value that is written in one of a few forms, and what its issuer says of valid ones. */
export interface Form {
  readonly begins: readonly Beginning[]
  readonly pattern: RegExp
  readonly check: (text: string) => boolean
}

/** The pattern takes a bounded number of characters. */
export function defineForm(begins: readonly Beginning[], source: string, check: Form['check'] = () => true): Form {
  return { begins, pattern: new RegExp(`(?:${source})${right}`, 'y'), check }
}

/** Takes a value of the form that has this place in the list. */
export type Take = (form: number, span: Span) => void

const [other, digit, letter, underscore] = [0, 1, 2, 3]
/** Of every UTF-16 unit, so that none is asked about twice. */
const classes = new Uint8Array(0x10000)
classes.fill(digit, 0x30, 0x3a).fill(letter, 0x41, 0x5b).fill(letter, 0x61, 0x7b)
classes[0x5f] = underscore
/** Longer runs begin nothing. */
const longest = 20
const nothing: readonly number[] = []
/** For forms that all begin with digits: a text is searched faster for those alone. */
const number = /\d(?<!\w\d)/g

/**
 * Finds values of all forms in one pass: only words that begin as one of them does are held against its pattern. No
 * value begins within a word, or behind a digit with a dot or dash.
 */
export function createFormSearch(forms: readonly Form[]): (text: string, take: Take) => void {
  const candidates = (...wanted: Beginning[]) =>
    forms.flatMap(({ begins }, i) => (begins.some((one) => wanted.includes(one)) ? [i] : []))
  const lengths = Array.from({ length: longest }, (_, i) => i)
  const whole = lengths.map((i) => candidates(`${i}`))
  const separated = lengths.map((i) => candidates(`${i}`, `${i}-`))
  const lettered = lengths.map((i) => candidates(`${i}a`))
  const letters = lengths.map((i) => lengths.map((j) => candidates(`x${i}`, `w${j}`)))
  const isNumeric = forms.every(({ begins }) => begins.every((one) => /^\d/.test(one)))
  const done = new Int32Array(forms.length)

  function choose(text: string, at: number, run: number, end: number): readonly number[] {
    if (run - at >= longest) return nothing
    if (classes[text.charCodeAt(at)] === letter) {
      return end - at < longest ? (letters[run - at]?.[end - at] ?? nothing) : (letters[run - at]?.[0] ?? nothing)
    }
    const follows = run < end ? lettered : isSeparator(text.charCodeAt(run)) ? separated : whole
    return follows[run - at] ?? nothing
  }

  return (text, take) => {
    const { length } = text
    done.fill(0)
    for (let at = 0; at < length; at++) {
      if (isNumeric) {
        number.lastIndex = at
        if (!number.test(text)) return
        at = number.lastIndex - 1
      }
      const first = classes[text.charCodeAt(at)]
      if (first === other) continue
      let run = 0
      let end = at + 1
      for (; end < length; end++) {
        const next = classes[text.charCodeAt(end)]
        if (next === first) continue
        if (run === 0) run = end
        if (next === other) break
      }
      if (run === 0) run = end
      if (first !== underscore && !isContinued(text, at)) {
        for (const i of choose(text, at, run, end)) {
          if (at < (done[i] as number)) continue
          const { pattern, check } = forms[i] as Form
          pattern.lastIndex = at
          if (!pattern.test(text)) continue
          const to = pattern.lastIndex
          if (!check(text.slice(at, to))) continue
          take(i, { start: at, end: to })
          done[i] = to
        }
      }
      at = end
    }
  }
}

/** A longer number goes on here. */
function isContinued(text: string, at: number): boolean {
  const before = at < 2 ? 0 : text.charCodeAt(at - 1)
  return (before === 0x2e || before === 0x2d) && classes[text.charCodeAt(at - 2)] === digit
}

/** What may stand between groups: of ASCII, and any character beyond. */
function isSeparator(code: number): boolean {
  return code === 0x20 || code === 0x2e || code === 0x2d || code === 0x2b || code >= 0x80
}
