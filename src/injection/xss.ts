import type { Report } from './finding.ts'
import { holdsCall, isComponentHandler, isEventName, judgeAttribute } from './xss-attribute.ts'

/*
 * Markup as a browser's tokeniser sees it (HTML section 13.2.5): what begins a tag, where its attributes end, and which
 * of them run something. Each character is looked at a bounded number of times.
 */

/** The most of a script element that is looked at. */
const mostScript = 300

/** `text` is in lower case. */
export function judgeMarkup(text: string, report: Report): void {
  scanTags(text, true, report)
}

function scanTags(text: string, looksInside: boolean, report: Report): void {
  for (let at = text.indexOf('<'); at !== -1; ) {
    const code = text.charCodeAt(at + 1)
    const isLetter = code >= 0x61 && code <= 0x7a
    const isClosing = code === 0x2f && text.charCodeAt(at + 2) === 0x73
    const after = isLetter ? judgeTag(text, at, looksInside, report) : at + 1
    if (isClosing && text.startsWith('</script', at)) judgeClosing(text, at, report)
    at = text.indexOf('<', after)
  }
}

/** Returns where to look on. */
function judgeTag(text: string, at: number, looksInside: boolean, report: Report): number {
  let i = at + 1
  while (i < text.length && !endsName(text.charCodeAt(i))) i++
  const name = i - at <= 20 ? text.slice(at + 1, i) : ''
  if (name === 'script' || name.endsWith(':script')) judgeScript(text, at, i, report)
  let isRefresh = false
  for (;;) {
    while (isGap(text.charCodeAt(i))) i++
    const code = text.charCodeAt(i)
    if (i >= text.length || code === 0x3e || code === 0x3c) break
    const start = i
    i++
    while (i < text.length && !endsAttributeName(text.charCodeAt(i))) i++
    const attribute = text.slice(start, Math.min(i, start + 40))
    let equals = i
    while (isBlank(text.charCodeAt(equals))) equals++
    if (text.charCodeAt(equals) !== 0x3d) continue
    let from = equals + 1
    while (isBlank(text.charCodeAt(from))) from++
    const sign = text.charCodeAt(from)
    const isQuoted = sign === 0x22 || sign === 0x27
    if (isQuoted) {
      from++
      i = text.indexOf(String.fromCharCode(sign), from)
      if (i === -1) i = text.length
    } else for (i = from; i < text.length && !isBlank(text.charCodeAt(i)) && text.charCodeAt(i) !== 0x3e; ) i++
    const value = text.slice(from, i)
    if (isQuoted && i < text.length) i++
    if (attribute === 'http-equiv' && value.includes('refresh')) isRefresh = true
    // A value that is harmless between these quotes may end those of the page.
    if (looksInside && isQuoted && value.includes('<')) scanTags(value, false, report)
    judgeAttribute({ tag: name, name: attribute, value, isRefresh }, report)
    // A quote without its end swallows the rest in a browser, and nothing here: the page may hold the other one.
    if (i >= text.length && isQuoted) return from
  }
  return i
}

/** A script element that does something: markup that is only mentioned is no attack. */
function judgeScript(text: string, at: number, nameEnd: number, report: Report): void {
  const behind = text.slice(nameEnd, nameEnd + mostScript)
  const head = behind.includes('>') ? behind.slice(0, behind.indexOf('>')) : behind
  const close = head.length === behind.length ? -1 : nameEnd + head.length
  if ((head.includes('src') || head.includes('href')) && head.includes('=')) {
    report('xss', 'xss-script', 9)
    return
  }
  if (close === -1) {
    report('xss', 'xss-script', 3)
    return
  }
  const limit = Math.min(text.length, close + 1 + mostScript)
  let content = text.slice(close + 1, limit)
  const end = content.search(/<\/?script/)
  if (end !== -1) content = content.slice(0, end)
  const isMentioned = text[at - 1] === '`' && content.startsWith('`')
  if (isMentioned && end === -1) return
  if (holdsCall(content, isMentioned) || (!isMentioned && holdsCode(content))) report('xss', 'xss-script', 9)
}

function holdsCode(content: string): boolean {
  return (
    /^[\s;/*]*[a-z$_][\w$.[\]]{0,60}\s?(?:=|\/\/|\.)[^ ]|^[^a-z ]{12}/.test(content) || content.includes('location')
  )
}

/** `</script>` ends a script in which the value stands, and another one follows. */
function judgeClosing(text: string, at: number, report: Report): void {
  if (
    text.startsWith('<', at + 9) &&
    /^<[a-z]/.test(text.slice(at + 9, at + 11)) &&
    text.startsWith('<script', at + 9)
  ) {
    report('xss', 'xss-script', 8)
  }
}

/** An attribute that is added to a tag in which the value stands: `" onfocus=alert(1) x="`. */
export function judgeAttributeBreak(text: string, report: Report): void {
  for (let at = text.indexOf('='); at !== -1; at = text.indexOf('=', at + 1)) {
    let end = at
    while (end > 0 && isBlank(text.charCodeAt(end - 1)) && at - end < 8) end--
    let start = end
    while (start > 0 && end - start < 24 && isNameCharacter(text.charCodeAt(start - 1))) start--
    if (end - start < 5 || !text.startsWith('on', start) || !isEventName(text.slice(start, end))) continue
    const before = text.charCodeAt(start - 1)
    const isBroken = before === 0x22 || before === 0x27 || quoteBefore(text, start)
    if (start > 0 && !isBlank(before) && before !== 0x2f && !isBroken) continue
    const value = text.slice(at + 1, at + 80)
    if (!holdsCall(value, false) || (value.startsWith('{') && isComponentHandler(value.split(/\s/, 1)[0] ?? '')))
      continue
    if (end === at && !value.startsWith(' ')) report('xss', 'xss-attribute', 8)
    else if (isBroken) report('xss', 'xss-attribute', 7)
  }
}

/** Whether only blanks, slashes and other attributes without quotes stand between a quote and this place. */
function quoteBefore(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0 && i > at - 40; i--) {
    const code = text.charCodeAt(i)
    if (code === 0x22 || code === 0x27) return true
    if (!isBlank(code) && code !== 0x2f && !isNameCharacter(code)) return false
  }
  return false
}

const isBlank = (code: number) => code <= 0x20
const isGap = (code: number) => code <= 0x20 || code === 0x2f || code === 0x22 || code === 0x27
const endsName = (code: number) => code <= 0x20 || code === 0x2f || code === 0x3e || code === 0x3c
const endsAttributeName = (code: number) => code <= 0x20 || code === 0x2f || code === 0x3e || code === 0x3d
const isNameCharacter = (code: number) => code >= 0x61 && code <= 0x7a
