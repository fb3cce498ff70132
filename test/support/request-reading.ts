import type { Refusal } from '../../src/core/decision.ts'
import type { RequestHead } from '../../src/gateway/client/request-head.ts'
import { RequestParser, type RequestSink } from '../../src/gateway/client/request-parser.ts'

/** A request as some reader saw it. */
export interface Reading {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly fields: readonly string[]
  readonly body: string
}

/** What our parser makes of bytes, in whatever pieces they come. */
export class OurReading implements RequestSink {
  /** Those that are complete. */
  readonly requests: Reading[] = []
  refusal: Refusal | null = null
  head: RequestHead | null = null
  readonly parser: RequestParser
  #body = ''
  readonly #onComplete: (reading: Reading) => void

  constructor(maxHeadBytes = 16 * 1024, onComplete: (reading: Reading) => void = () => {}) {
    this.parser = new RequestParser(this, maxHeadBytes)
    this.#onComplete = onComplete
  }

  push(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    for (let at = 0; at < bytes.length; ) {
      const next = this.parser.push(bytes, at)
      if (next < at || next > bytes.length) throw new RangeError(`it went from ${at} to ${next} of ${bytes.length}`)
      at = next
    }
  }

  onRequestHead(head: RequestHead): void {
    if (this.refusal !== null || this.head !== null) throw new Error('a head out of turn')
    this.head = head
    this.#body = ''
    if (head.contentLength === 0) this.onRequestEnd()
  }

  onContent(chunk: Buffer): void {
    if (this.refusal !== null || this.head === null) throw new Error('content out of turn')
    this.#body += chunk.toString('latin1')
  }

  onRequestEnd(): void {
    const head = this.head
    if (this.refusal !== null || head === null) throw new Error('an end out of turn')
    this.head = null
    const { method, target, minor, fields } = head
    const reading = { method, target, version: `1.${minor}`, fields, body: this.#body }
    this.requests.push(reading)
    this.#onComplete(reading)
  }

  onInvalid(refusal: Refusal): void {
    if (this.refusal !== null) throw new Error('refused twice')
    this.refusal = refusal
  }
}

export function readPieces(pieces: readonly string[], maxHeadBytes?: number): OurReading {
  const reading = new OurReading(maxHeadBytes)
  for (const piece of pieces) reading.push(piece)
  return reading
}
