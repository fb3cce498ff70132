import { type Finding, finding } from '../finding.ts'
import { isInertNamespace, isInertStyle, isInnerReference, svgElements } from './svg-rules.ts'

const active = finding(
  'uploads_active',
  'active',
  'an SVG that only draws: no scripts, handlers, links, embedded pages, entities',
)
const malformed = finding('uploads_type', 'content', 'well-formed SVG in UTF-8')
const utf8 = new TextDecoder('utf-8', { fatal: true })
const tagName = /^[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?/
const attribute = /\s+([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
/** Nesting that no drawing program makes. */
const maxDepth = 256

/** Judges an SVG as strictly as XML: everything in it has to be known as something that only draws. */
export function checkSvg(bytes: Buffer): Finding | null {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return malformed
  }
  const open: string[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf('<', at)
    const content = text.slice(at, start === -1 ? text.length : start)
    if (open.at(-1) === 'style' && !isInertStyle(decode(content))) return active
    if (/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)/.test(content)) return malformed
    if (start === -1) return open.length === 0 ? null : malformed
    const end = skip(text, start, open)
    if (typeof end !== 'number') return end
    at = end
  }
}

/** Past one tag, comment, section, declaration or instruction; it keeps `open` as the elements around. */
function skip(text: string, start: number, open: string[]): number | Finding {
  if (text.startsWith('<!--', start)) return after(text, '-->', start + 4)
  if (text.startsWith('<![CDATA[', start)) {
    const end = after(text, ']]>', start + 9)
    if (typeof end !== 'number') return end
    return open.at(-1) !== 'style' || isInertStyle(text.slice(start + 9, end - 3)) ? end : active
  }
  if (text.startsWith('<!', start)) {
    const end = text.indexOf('>', start)
    // A doctype with declarations of its own can name entities, which read as anything.
    return end !== -1 && open.length === 0 && /^<!doctype svg[^[]*$/i.test(text.slice(start, end)) ? end + 1 : active
  }
  if (text.startsWith('<?', start)) {
    return /^<\?(xml|xpacket|adobe-[a-z-]{1,40})\s/i.test(text.slice(start, start + 60))
      ? after(text, '?>', start)
      : active
  }
  if (text[start + 1] === '/') {
    const end = text.indexOf('>', start)
    if (end === -1 || open.pop() !== text.slice(start + 2, end).trimEnd()) return malformed
    return end + 1
  }
  return openElement(text, start, open)
}

function openElement(text: string, start: number, open: string[]): number | Finding {
  const name = tagName.exec(text.slice(start + 1, start + 101))?.[0]
  if (name === undefined || open.length >= maxDepth) return malformed
  const [local, prefix = ''] = name.split(':').reverse() as [string, string?]
  if (isKnown(prefix) && !svgElements.has(local)) return active
  let at = start + 1 + name.length
  for (;;) {
    attribute.lastIndex = at
    const match = attribute.exec(text)
    if (match === null) break
    if (!isInertAttribute(match[1] as string, decode(match[2] ?? match[3] ?? ''), prefix)) return active
    at = attribute.lastIndex
  }
  while (isSpace(text[at])) at++
  if (text.startsWith('/>', at)) return at + 2
  if (text[at] !== '>') return malformed
  open.push(name)
  return at + 1
}

function isInertAttribute(name: string, value: string, elementPrefix: string): boolean {
  if (name === 'xmlns') return isInertNamespace('', value)
  if (name.startsWith('xmlns:')) return isInertNamespace(name.slice(6), value)
  const [local = '', prefix = ''] = name.toLowerCase().split(':').reverse()
  if (local.startsWith('on') || local === 'base') return false
  if (local === 'href' || local === 'src') return isInnerReference(value)
  // What browsers know nothing of is not read as a style either.
  return isInertStyle(value) || !isKnown(elementPrefix) || !isKnown(prefix)
}

function isKnown(prefix: string): boolean {
  return prefix === '' || prefix === 'svg' || prefix === 'xlink' || prefix === 'xml'
}

/** Character references as XML reads them. */
function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g, (_, decimal, hex, name) => {
    if (name !== undefined) return named[name as keyof typeof named]
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
  })
}

const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r'
}

function after(text: string, end: string, from: number): number | Finding {
  const at = text.indexOf(end, from)
  return at === -1 ? malformed : at + end.length
}
