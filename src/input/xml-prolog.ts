/** Comments and instructions before the root element are short; what goes on longer is not searched. */
const longestProlog = 8192
const declaration =
  /^<\?xml\s+version\s*=\s*["']1\.[01]["'](?:\s+encoding\s*=\s*["']utf-8["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*$/i

/** The byte order mark of UTF-8, byte by byte. */
const mark = '\xef\xbb\xbf'

/**
 * Reads what stands before an XML document's root element, in chunks: a document type declaration may stand there and
 * nowhere else, and with it entities, which make small documents large and read files of the server (XXE).
 */
export class XmlProlog {
  /** In words what keeps the document from being passed on. */
  problem: string | null = null
  #text = ''
  #at = 0
  #isOver = false

  write(bytes: Uint8Array): string | null {
    // In UTF-16 and UTF-32 every other byte is one; a parser would tell by itself and find another document.
    if (bytes.includes(0)) this.problem ??= 'it holds NUL, or is in another encoding than UTF-8'
    if (this.#isOver || this.problem !== null) return this.problem
    this.#text += Buffer.from(bytes.subarray(0, longestProlog)).toString('latin1')
    while (!this.#isOver && this.problem === null && this.#step());
    if (!this.#isOver && this.#text.length > longestProlog) this.problem ??= 'its root element comes late'
    return this.problem
  }

  end(): string | null {
    if (!this.#isOver) this.problem ??= 'it has no root element'
    return this.problem
  }

  /** False where more has to come first. */
  #step(): boolean {
    if (this.#at === 0) {
      const begun = this.#text.slice(0, mark.length)
      if (begun === mark) this.#at = mark.length
      else if (mark.startsWith(begun)) return false
    }
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++
    const text = this.#text.slice(this.#at, this.#at + 4)
    if (text.startsWith('<?')) return this.#skip(2, '?>')
    if (text.startsWith('<!--')) return this.#skip(4, '-->')
    if (text.length < 2 || '<!--'.startsWith(text)) {
      if (text !== '' && text[0] !== '<') this.problem = 'it is not XML in UTF-8'
      return false
    }
    if (text.startsWith('<!')) this.problem = 'it has a document type declaration'
    else if (/^<[A-Za-z_:\x80-\xff]/.test(text)) this.#isOver = true
    else this.problem = 'it is not XML in UTF-8'
    return true
  }

  #skip(opening: number, end: string): boolean {
    const at = this.#text.indexOf(end, this.#at + opening)
    if (at === -1) return false
    const skipped = this.#text.slice(this.#at, at)
    if (/^<\?xml[^-.\w]/i.test(skipped) && !declaration.test(skipped))
      this.problem = 'its declaration is not that of XML in UTF-8'
    this.#at = at + end.length
    return true
  }
}
