import type { Finding } from '../finding.ts'
import { isTarHeader } from '../types/detect-type.ts'
import { checkEntryPath } from './check-path.ts'
import { brokenArchive, linkInArchive, type UnpackBudget } from './limits.ts'

const blockBytes = 512
/** Long names and times of one entry. */
const maxExtraBytes = 64 * 1024

/** Follows an archive of `tar` while it comes: files and folders only, in the folder they are unpacked in. */
export class TarWalk {
  readonly #budget: UnpackBudget
  readonly #block = Buffer.alloc(blockBytes)
  #have = 0
  /** Bytes of content, filled up to whole blocks, that come before the next header. */
  #content = 0
  /** Content that says names: of pax, or of GNU's long ones. */
  #extra: { readonly isPax: boolean; readonly length: number; text: string } | null = null
  #ended = false

  constructor(budget: UnpackBudget) {
    this.#budget = budget
  }

  write(bytes: Buffer): Finding | null {
    let at = 0
    while (at < bytes.length) {
      if (this.#content > 0) {
        const taken = Math.min(this.#content, bytes.length - at)
        if (this.#extra !== null) this.#extra.text += bytes.toString('latin1', at, at + taken)
        this.#content -= taken
        at += taken
        const found = this.#content === 0 && this.#extra !== null ? this.#judgeExtra(this.#extra) : null
        if (found !== null) return found
        continue
      }
      const taken = bytes.copy(this.#block, this.#have, at)
      this.#have += taken
      at += taken
      if (this.#have < blockBytes) break
      this.#have = 0
      const found = this.#readHeader(this.#block)
      if (found !== null) return found
    }
    return null
  }

  end(): Finding | null {
    return this.#content === 0 && this.#have === 0 && this.#ended ? null : brokenArchive
  }

  #readHeader(header: Buffer): Finding | null {
    if (header.every((byte) => byte === 0)) {
      this.#ended = true
      return null
    }
    // What stands behind the end, readers that go on would unpack.
    if (this.#ended || !isTarHeader(header)) return brokenArchive
    const sizeText = toText(header.subarray(124, 136)).trim()
    if (!/^[0-7]{1,11}$/.test(sizeText)) return brokenArchive
    const size = Number.parseInt(sizeText, 8)
    this.#content = Math.ceil(size / blockBytes) * blockBytes
    const kind = header.toString('latin1', 156, 157)
    if (kind === 'x' || kind === 'g' || kind === 'L') {
      if (size > maxExtraBytes || size === 0) return brokenArchive
      this.#extra = { isPax: kind !== 'L', length: size, text: '' }
      return null
    }
    if (kind !== '0' && kind !== '\0' && kind !== '5') return linkInArchive
    const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? toText(header.subarray(345, 500)) : ''
    const name = toText(header.subarray(0, 100))
    return this.#budget.addEntry() ?? checkEntryPath(prefix === '' ? name : `${prefix}/${name}`)
  }

  #judgeExtra({ isPax, length, text }: { isPax: boolean; length: number; text: string }): Finding | null {
    this.#extra = null
    const content = Buffer.from(text.slice(0, length), 'latin1').toString('utf8')
    if (!isPax) return checkEntryPath(content.replace(/\0+$/, ''))
    let at = 0
    while (at < content.length) {
      const end = content.indexOf('\n', at)
      const record = /^\d{1,6} ([^=]{1,200})=(.*)$/.exec(content.slice(at, end))
      // A value with a line end in it would be read in two ways.
      if (end === -1 || record === null) return brokenArchive
      const [, key = '', value = ''] = record
      if (key === 'linkpath' || key === 'size' || key.startsWith('GNU.sparse')) return linkInArchive
      const found = key === 'path' ? checkEntryPath(value) : null
      if (found !== null) return found
      at = end + 1
    }
    return null
  }
}

function toText(field: Buffer): string {
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? field.length : end)
}
