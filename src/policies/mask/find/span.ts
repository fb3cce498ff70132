/** Where a value stands in a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Adds every value of one kind in a text, in the order of the text. Takes time in proportion to the text. */
export type Find = (text: string, spans: Span[]) => void

/*
 * Texts are searched as bytes, one character for each (Latin-1), or decoded: so both forms of a space that is none of
 * ASCII's stand here. What is looked for is ASCII, which no multi-byte character of UTF-8 contains.
 */

/** What stands between groups of digits. */
export const gap = String.raw`(?:[ .\-\xa0]|\xc2\xa0|\xe2\x80[\x80-\xaf]|[\u2000-\u202f])`
/** What no value goes on with: a letter, digit or `_`, and no longer number. */
export const right = String.raw`(?!\w|[.\-]\d)`

/**
 * Finds what has a form and passes a check of its digits. A pattern takes a bounded number of characters, so that
 * beginning again behind each candidate that fails stays linear.
 */
export function byPattern(source: string, check: (text: string) => boolean = () => true): Find {
  const pattern = new RegExp(source, 'g')
  return (text, spans) => {
    pattern.lastIndex = 0
    for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
      if (check(found[0])) spans.push({ start: found.index, end: pattern.lastIndex })
      else pattern.lastIndex = found.index + 1
    }
  }
}

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}
