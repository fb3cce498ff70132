import { byPattern, digitsOf, gap } from './span.ts'

/** ITU-T E.164: the codes that are given out. */
const country =
  '(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(?:2[1-689]|3[578]|42|5[09]|6[789]|8[05789]|9[679])\\d)'
/** First what it begins with, for which a text is searched faster. */
const before = String.raw`(?=[+(01]|[2-9]\d\d[\-.])(?<![\w+/\-]|\d[. ():])`
const after = String.raw`(?!\w|[.\-:/]\d)`

const forms = [
  // +49 170 1234567, +44 (0)20 7946 0958, +14155552671
  String.raw`\+${country}${gap}?(?:\(\d{1,4}\)${gap}?)?\d(?:[\-./ ]?\d|${gap}\d){5,13}`,
  // (212) 555-0123, 212-555-0123, 1-800-555-0123: the North American plan
  String.raw`(?:1[\-. ])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}(?<n>[\-.]))[2-9]\d{2}[\-.]\d{4}`,
  // 01 23 45 67 89: in pairs
  String.raw`0\d(?<p>[ \-.])\d{2}\k<p>\d{2}\k<p>\d{2}\k<p>\d{2}`,
  // 020 7946 0958, 07700 900123, 030/1234567, (030) 123 456 78: with the trunk's 0
  String.raw`(?:\(0\d{1,5}\)|0\d{1,4})[ /\-]\d{3,8}(?:[ \-]\d{2,5}){0,3}`,
]

const date = /^(?:\d{2}[-/. ]){2}(?:\d{2}|\d{4})\b/

/**
 * E.164 and the national forms that show themselves by their separators. Numbers in one piece without a `+` look like
 * any id and are left: name their fields.
 */
export const findPhoneNumbers = byPattern(`${before}(?:${forms.join('|')})${after}`, (text) => {
  const { length } = digitsOf(text.replace('(0)', '').replaceAll('\xc2', ''))
  if (text.startsWith('+')) return length >= 8 && length <= 15
  const pairs = /^0\d([ \-.])\d{2}\1\d{2}\1\d{2}\1\d{2}$/.test(text)
  return length >= 9 && length <= 12 && (pairs || !date.test(text))
})
