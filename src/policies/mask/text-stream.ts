import type { BodyStream } from './body-stream.ts'
import { type KindName, kinds } from './kinds.ts'
import { hideBytes, type Masking } from './masking.ts'

/** Longer than any value of bounded length with what stands around it. */
const windowLength = 1536
/** What patterns look at before a value. */
const contextLength = 2
/** How much of a value that has no bounded length is left out. */
const maxOpenLength = 64 * 1024

/**
 * Masks text that comes in chunks, bytes as one character each. What may still become a value is held back: the last
 * word, groups of digits before it, never more than the window; a line's end lets everything go.
 */
export class TextStream implements BodyStream {
  readonly #masking: Masking
  #context = ''
  #held = ''
  /** A value whose end has not come: it is left out until then. */
  #open: { readonly kind: KindName; length: number; tail: string } | null = null

  constructor(masking: Masking) {
    this.#masking = masking
  }

  push(chunk: string): string {
    return this.#take(chunk, false)
  }

  end(): string {
    return this.#take('', true)
  }

  #take(chunk: string, ended: boolean): string {
    const given = this.#open === null ? chunk : this.#skip(this.#open, chunk)
    const text = this.#context + this.#held + given
    const from = this.#context.length
    if (text.length === from) return ''
    const { scan, hide } = this.#masking
    let cut = ended ? text.length : Math.max(from, endOfDecided(text))
    let out = ''
    let copied = from
    for (const { start, end, kind } of scan(text)) {
      // Only what is undecided may begin before what was let go.
      if (start < copied) continue
      if (start >= cut) break
      const isOpen = end === text.length && !ended
      if (isOpen && kinds[kind].open === undefined) {
        cut = start
        break
      }
      out += text.slice(copied, start) + hideBytes(hide, kind, text.slice(start, end))
      copied = end
      if (isOpen) this.#open = { kind, length: end - start, tail: tailOf(text, kind) }
    }
    cut = Math.max(cut, copied)
    out += text.slice(copied, cut)
    this.#context = text.slice(Math.max(0, cut - contextLength), cut)
    this.#held = text.slice(cut)
    return out
  }

  #skip(open: { readonly kind: KindName; length: number; tail: string }, chunk: string): string {
    const text = open.tail + chunk
    const end = kinds[open.kind].open?.endOf(text) ?? 0
    if (end !== -1 || open.length > maxOpenLength) {
      this.#open = null
      return end === -1 ? chunk : text.slice(Math.max(end, open.tail.length))
    }
    open.length += chunk.length
    open.tail = tailOf(text, open.kind)
    return ''
  }
}

function tailOf(text: string, kind: KindName): string {
  return text.slice(Math.max(0, text.length - (kinds[kind].open?.overlap ?? 0)))
}

/** Before here, no byte that is still to come changes what is found. */
function endOfDecided(text: string): number {
  const floor = Math.max(text.length - windowLength, text.lastIndexOf('\n') + 1)
  const key = text.lastIndexOf('-----B')
  if (key >= floor && text.length - key < 64) return key
  let at = startOfWord(text, floor, text.length)
  for (;;) {
    let end = at
    while (end > floor && text.charCodeAt(end - 1) === 0x20) end--
    const start = startOfWord(text, floor, end)
    if (start === end || !/\d/.test(text.slice(start, end))) return at
    at = start
  }
}

function startOfWord(text: string, floor: number, end: number): number {
  let at = end
  while (at > floor && !isSpace(text.charCodeAt(at - 1))) at--
  return at
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}
