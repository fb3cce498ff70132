/** One piece of XML or HTML: a run of text, or what stands between `<` and `>`. */
export interface Piece {
  readonly kind: 'text' | 'opening' | 'closing' | 'empty' | 'cdata' | 'comment' | 'instruction'
  /** The name of a tag, else ''. */
  readonly name: string
  readonly end: number
}

/** Reads the piece that begins at `at`; null where its end is missing, or where nobody should read on. */
export function readPiece(text: string, at: number): Piece | null {
  if (!beginsMarkup(text, at)) return { kind: 'text', name: '', end: endOfText(text, at) }
  if (text.startsWith('<!--', at)) return readUntil(text, at + 4, '-->', 'comment')
  if (text.startsWith('<![CDATA[', at)) return readUntil(text, at + 9, ']]>', 'cdata')
  if (text.startsWith('<?', at)) return readUntil(text, at + 2, '?>', 'instruction')
  const end = endOfTag(text, at)
  if (end === -1) return null
  // Entities that a document type declares may stand for anything.
  if (text[at + 1] === '!') return text.slice(at, end).includes('[') ? null : { kind: 'instruction', name: '', end }
  const closes = text[at + 1] === '/'
  const name = readName(text, closes ? at + 2 : at + 1, end)
  return { kind: closes ? 'closing' : text[end - 2] === '/' ? 'empty' : 'opening', name, end }
}

function readUntil(text: string, from: number, mark: string, kind: Piece['kind']): Piece | null {
  const at = text.indexOf(mark, from)
  return at === -1 ? null : { kind, name: '', end: at + mark.length }
}

/** A `<` before anything else than a name is text. */
function beginsMarkup(text: string, at: number): boolean {
  return text[at] === '<' && /[\p{L}_/!?:]/u.test(text[at + 1] ?? '')
}

function endOfText(text: string, from: number): number {
  let at = text.indexOf('<', from + 1)
  while (at !== -1 && !beginsMarkup(text, at)) at = text.indexOf('<', at + 1)
  return at === -1 ? text.length : at
}

/** A `>` within quotation marks does not end a tag. */
function endOfTag(text: string, from: number): number {
  let quote = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 0x22 || code === 0x27) quote = code
    else if (code === 0x3e) return at + 1
  }
  return -1
}

function readName(text: string, from: number, end: number): string {
  let at = from
  while (at < end && !' \t\r\n/>'.includes(text[at] as string)) at++
  return text.slice(from, at)
}
