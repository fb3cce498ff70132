import { hidden } from './hidden.ts'
import { type Piece, readPiece } from './markup-piece.ts'
import type { Mask, Masked } from './mask.ts'

/** Matches every word of a tag, with its value where it has one, so that no word is tried twice. */
const attribute = /([^\s=<>"'/]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+))?/g
/** An attribute's value that may be the name of something. */
const nameLike = /^[^\s]{1,64}$/
/** XML may stand in XML: in CDATA, or with its signs written as entities. Deeper than this it is left out. */
const maxDepth = 2

/**
 * Hides values in XML and HTML: what an element with a hidden name holds, attributes with such a name, and where an
 * attribute's value is such a name (`<input name="password" value="…">`), everything beside and within. Comments are
 * left out. Of a text that was cut off, the last piece is left out. Linear.
 */
export function maskMarkup(text: string, ended: boolean, mask: Mask, depth = 0): Masked {
  let clean = ''
  /** The element that is being left out, and how many of its name are open. */
  let leaving: { readonly name: string; open: number } | null = null
  let at = 0
  while (at < text.length) {
    const piece = readPiece(text, at)
    if (piece === null) return { text: clean + (ended ? hidden : ''), covers: ended ? 'broken' : 'start' }
    if (!ended && piece.kind === 'text' && piece.end === text.length) return { text: clean, covers: 'start' }
    const raw = text.slice(at, piece.end)
    at = piece.end
    if (leaving !== null) {
      leaving.open += countNested(piece, leaving.name)
      if (leaving.open > 0) continue
      leaving = null
      clean += hidden + raw
      continue
    }
    const shown = showPiece(piece, raw, mask, depth)
    clean += shown.text
    if (shown.hidesContent && piece.kind === 'opening') leaving = { name: piece.name.toLowerCase(), open: 1 }
  }
  return { text: leaving === null ? clean : clean + hidden, covers: ended ? 'all' : 'start' }
}

function countNested({ kind, name }: Piece, hiddenName: string): number {
  if (name.toLowerCase() !== hiddenName) return 0
  return kind === 'opening' ? 1 : kind === 'closing' ? -1 : 0
}

function showPiece({ kind, name }: Piece, raw: string, mask: Mask, depth: number) {
  switch (kind) {
    case 'opening':
    case 'empty': {
      if (!raw.includes('=')) return { text: raw, hidesContent: mask.hides(name) }
      const namesSecret = hasHiddenName(raw, mask)
      return { text: showTag(raw, namesSecret, mask), hidesContent: namesSecret || mask.hides(name) }
    }
    case 'closing':
      return { text: raw, hidesContent: false }
    case 'cdata':
      return { text: `<![CDATA[${showNested(raw.slice(9, -3), mask, depth)}]]>`, hidesContent: false }
    case 'comment':
      return { text: `<!--${hidden}-->`, hidesContent: false }
    case 'instruction':
      return { text: mask.hideIn(raw), hidesContent: false }
    case 'text':
      return { text: showText(raw, mask, depth), hidesContent: false }
  }
}

function hasHiddenName(tag: string, mask: Mask): boolean {
  for (const [, , , value = ''] of tag.matchAll(attribute)) if (isHiddenName(unquote(value), mask)) return true
  return false
}

function isHiddenName(value: string, mask: Mask): boolean {
  return nameLike.test(value) && mask.hides(value)
}

function showTag(tag: string, hidesAll: boolean, mask: Mask): string {
  return tag.replace(attribute, (whole, name: string, equals: string | undefined, value: string) => {
    if (equals === undefined) return whole
    const plain = unquote(value)
    const isShown = !mask.hides(name) && (hidesAll ? isHiddenName(plain, mask) : mask.hideIn(plain) === plain)
    return isShown ? whole : `${name}${equals}"${hidden}"`
  })
}

function showText(text: string, mask: Mask, depth: number): string {
  const clean = mask.hideIn(text)
  if (!clean.includes('lt;')) return clean
  const read = clean.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  return showNested(read, mask, depth) === read ? clean : hidden
}

function showNested(text: string, mask: Mask, depth: number): string {
  return depth >= maxDepth ? hidden : maskMarkup(text, true, mask, depth + 1).text
}

function unquote(value: string): string {
  return value.startsWith('"') || value.startsWith("'") ? value.slice(1, -1) : value
}
