/** How formulas begin in Excel, LibreOffice and Google Sheets, in full width too. */
const formula = /^[\s\u00a0\ufeff]*[=+\-@\t\r|%＝＋－＠]/u
const number = /^[+-]?\d{1,15}([.,]\d{1,15})?$/
const quoted = /["',;\t\r\n|]|^\s|\s$/

/**
 * One cell of a CSV file that people open in a spreadsheet (RFC 4180). What would be read as a formula gets an apostrophe in
 * front, which spreadsheets take for "a text"; programs that read the file see it. Numbers stay as they are.
 * @example
 * encodeCsvCell('=HYPERLINK("https://evil.example")') // `"'=HYPERLINK(""https://evil.example"")"`
 */
export function encodeCsvCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return ''
  const text = String(value).toWellFormed().replaceAll('\0', '')
  if (number.test(text)) return quoted.test(text) ? `"${text}"` : text
  const safe = formula.test(text) ? `'${text}` : text
  return quoted.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
