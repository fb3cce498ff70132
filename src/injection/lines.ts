import type { Report } from './finding.ts'

const responseFields =
  /^(?:set-cookie2?|location|content-length|content-type|content-disposition|transfer-encoding|refresh|access-control-allow-[a-z]+|x-[a-z-]{2,30}|host|cookie|authorization|cache-control|link|status)\s{0,2}:/
const mailFields = /^(?:bcc|cc|to|from|subject|reply-to|content-type|mime-version|x-mailer|return-path|sender)\s{0,2}:/
const smtp = /^(?:rcpt to|mail from|helo |ehlo |data\s*$|quit\s*$)/
const logLine =
  /^(?:\[?(?:info|warn|warning|error|debug|fatal|notice|critical|audit|trace)\]?[\s:|\]-]|\[?\d{4}-\d\d-\d\d[t ]\d\d:\d\d|\d{1,3}(?:\.\d{1,3}){3} - |<\d{1,3}>|level=|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) [ \d]\d \d\d:)/

/** The most lines that are looked at: what is added to a value comes soon. */
const mostLines = 6

/**
 * A value that ends the line in which it will stand and writes others: fields of an answer or a mail, lines of a log.
 * Text of several lines is honest as such; here the first line is a value, and the next ones are none of a text.
 */
export function judgeLines(text: string, report: Report): void {
  const control = text.indexOf('\u001b')
  if (control !== -1 && '[]('.includes(text[control + 1] ?? '-')) report('log', 'log-escape', 6)
  const lines = firstLines(text)
  const [first = ''] = lines
  if (lines.length < 2 || first.length > 200) return
  const value = first.trim()
  const isField = /^(?!re:|fwd?:)[a-z][a-z-]{1,30}:(?!\/\/)/.test(value) || /^(?:get|post|put|http\/)/.test(value)
  const isOneWord = !value.includes(' ')
  const words = value.split(' ').length
  for (const [i, line] of lines.entries()) {
    if (i === 0) continue
    if (/^http\/[12]/.test(line) && !isField && isOneWord) report('header', 'header-split', 8)
    else if (responseFields.test(line) && !isField && isOneWord && !value.endsWith(':'))
      report('header', 'header-field', 7)
    if (smtp.test(line) && !isField) report('mail', 'mail-command', 7)
    if (mailFields.test(line) && !isField) {
      const hasAddress = line.includes('@')
      const isMailbox = isOneWord && value.includes('@')
      if (isMailbox) report('mail', 'mail-field', 8)
      else if (/^b?cc/.test(line) && hasAddress && words <= 8 && !/[,.!?:]$/.test(value))
        report('mail', 'mail-field', 7)
    }
    if (logLine.test(line) && (isOneWord || words <= 3) && !/[:.!?]$/.test(value) && !logLine.test(value)) {
      report('log', 'log-line', lines.length <= 4 ? 7 : 3)
    }
    if (i >= 1 && lines[i] === '' && /^<(?:html|script|body|h1|img|svg)/.test(lines[i + 1] ?? '') && isOneWord) {
      report('header', 'header-body', 7)
    }
  }
}

function firstLines(text: string): string[] {
  const lines: string[] = []
  let from = 0
  for (let i = 0; i < text.length && lines.length < mostLines; i++) {
    const code = text.charCodeAt(i)
    if (code !== 0x0a && code !== 0x0d) continue
    lines.push(text.slice(from, Math.min(i, from + 300)))
    if (code === 0x0d && text.charCodeAt(i + 1) === 0x0a) i++
    from = i + 1
  }
  if (lines.length < mostLines) lines.push(text.slice(from, from + 300))
  return lines
}
