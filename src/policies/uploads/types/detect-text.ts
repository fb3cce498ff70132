import type { Detected } from './detect-type.ts'

/** How browsers recognise pages that no type names (WHATWG MIME Sniffing section 7.1), and what servers run. */
const pages =
  /^(<!doctype html|<(html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>]|<!--|<\?php|<\?=|<%)/i
const scripts = /^(@echo off|#requires|<hta:|{\\rtf|%!ps|mime-version:)/i
/** What a text is; null where it is none, or one that is looked at as a page or run as a script. */
export function detectText(head: Buffer): Detected {
  if (!isText(head)) return null
  const text = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
  if (/^<(svg:)?svg[\s>]/.test(skipProlog(text))) return 'image/svg+xml'
  if (scripts.test(text)) return 'executable'
  // Every other XML can be a page or a stylesheet of one.
  if (pages.test(text) || text.startsWith('<?')) return null
  return 'text'
}

/** No control characters beside those that texts have. Whether it is UTF-8 is judged of the whole. */
export function isText(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) return false
    if (byte === 0x7f) return false
  }
  return bytes.length > 0
}

/** What stands behind declaration, comments and a doctype without declarations of its own. */
function skipProlog(text: string): string {
  let rest = text
  for (;;) {
    const end = rest.startsWith('<?xml ')
      ? rest.indexOf('?>') + 2
      : rest.startsWith('<!--')
        ? rest.indexOf('-->', 4) + 3
        : (/^<!doctype svg[^>[]{0,500}>/i.exec(rest)?.[0].length ?? 0)
    if (end < 4) return rest
    rest = rest.slice(end).trimStart()
  }
}
