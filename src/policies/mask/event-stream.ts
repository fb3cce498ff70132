import type { BodyStream } from './body-stream.ts'

const maxEventLength = 1024 * 1024
const boundary = /\r\n\r\n|\n\n|\r\r(?!\n)|\r\n\n|\n\r\n/g
/** The longest boundary. */
const boundaryLength = 4
const data = /^data(?:: ?|$)/
const byteOrderMark = '\xef\xbb\xbf'

/**
 * Masks an event stream (server-sent events) event by event, each as soon as it has come whole. What stands in `data` is
 * masked as what it is, its lines as one text; comments, ids and names of events as text.
 */
export class EventStream implements BodyStream {
  readonly #maskData: (data: string) => string
  readonly #maskLine: (line: string) => string
  #held = ''
  #looked = 0
  #isFirst = true

  constructor(maskData: (data: string) => string, maskLine: (line: string) => string) {
    this.#maskData = maskData
    this.#maskLine = maskLine
  }

  push(chunk: string): string {
    const text = this.#held + chunk
    let out = ''
    let taken = 0
    boundary.lastIndex = this.#looked
    for (let found = boundary.exec(text); found !== null; found = boundary.exec(text)) {
      out += this.#mask(text.slice(taken, boundary.lastIndex))
      taken = boundary.lastIndex
    }
    this.#held = text.slice(taken)
    this.#looked = Math.max(0, this.#held.length - boundaryLength)
    if (this.#held.length > maxEventLength) throw new Error('an event is too long to be masked')
    return out
  }

  end(): string {
    return this.#mask(this.#held)
  }

  #mask(given: string): string {
    const event = this.#isFirst && given.startsWith(byteOrderMark) ? given.slice(byteOrderMark.length) : given
    this.#isFirst = false
    const parts = event.split(/(\r\n|\n|\r)/)
    const lines = gatherData(parts.filter((_, at) => at % 2 === 0))
    const ends = parts.filter((_, at) => at % 2 === 1)
    let out = ''
    for (let at = 0; at < lines.length; ) {
      const first = lines[at] as string
      let next = at + 1
      if (data.test(first)) {
        while (next < lines.length && data.test(lines[next] as string)) next++
        out += this.#maskRun(lines.slice(at, next), ends[at] ?? '')
      } else out += this.#maskLine(first)
      out += ends[next - 1] ?? ''
      at = next
    }
    return out
  }

  #maskRun(lines: readonly string[], end: string): string {
    const given = lines.map((line) => line.replace(data, '')).join('\n')
    const masked = this.#maskData(given)
    if (masked === given) return lines.join(end)
    return masked
      .split('\n')
      .map((line) => `data: ${line}`)
      .join(end)
  }
}

/** Readers put the lines of `data` together wherever they stand in an event, so they are moved next to each other. */
function gatherData(lines: readonly string[]): readonly string[] {
  const places = lines.flatMap((line, at) => (data.test(line) ? [at] : []))
  if ((places.at(-1) ?? 0) - (places[0] ?? 0) < places.length) return lines
  const rank = (line: string) => (line === '' ? 2 : data.test(line) ? 1 : 0)
  return lines.toSorted((a, b) => rank(a) - rank(b))
}
