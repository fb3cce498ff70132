import type { Readable } from 'node:stream'
import type { BodyInspector, RequestBody } from '../core/body.ts'
import { next, type Refusal, refuse } from '../core/decision.ts'

/** Who takes the chunks of a body. Exactly one of `onBodyEnd` and `onRefuse` is called, and nothing after it. */
export interface BodyReader {
  onChunk(chunk: Buffer): void
  onBodyEnd(): void
  onRefuse(refusal: Refusal): void
}

const noBytes = Buffer.alloc(0)

/** A request's body on its way in: counted, inspected, and either collected or handed on chunk by chunk. */
export class ClientBody implements RequestBody {
  readonly declaredLength: number | null
  maxBytes = Number.POSITIVE_INFINITY
  bytes: Buffer | null
  /** Bytes that have arrived. */
  received = 0
  readonly #readable: Readable
  readonly #beforeFirstRead: () => void
  #inspectors: BodyInspector[] | null = null
  #reader: BodyReader | null = null
  #finished = false
  #held = false

  /**
   * @param beforeFirstRead called once before the body is read: sends `100 Continue`, starts the rate watch
   */
  constructor(readable: Readable, declaredLength: number | null, beforeFirstRead: () => void) {
    this.declaredLength = declaredLength
    this.#readable = readable
    this.#beforeFirstRead = beforeFirstRead
    this.bytes = declaredLength === 0 ? noBytes : null
  }

  /** True while the client may still have bytes to send. */
  get unread(): boolean {
    return this.declaredLength !== 0 && !this.#finished
  }

  inspect(inspector: BodyInspector): void {
    this.#inspectors ??= []
    this.#inspectors.push(inspector)
  }

  collect(limitBytes: number): Promise<Refusal | Uint8Array> {
    if (this.bytes !== null) return Promise.resolve(this.bytes)
    this.maxBytes = Math.min(this.maxBytes, limitBytes)
    return new Promise((resolve) => {
      const chunks: Buffer[] = []
      this.read({
        onChunk: (chunk) => chunks.push(chunk),
        onBodyEnd: () => {
          this.bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
          resolve(this.bytes)
        },
        onRefuse: resolve,
      })
    })
  }

  /** Starts reading. May be called once. */
  read(reader: BodyReader): void {
    if (this.declaredLength !== null && this.declaredLength > this.maxBytes) {
      reader.onRefuse(refuse('body_too_large', `${this.declaredLength} bytes declared, ${this.maxBytes} allowed`))
      return
    }
    this.#reader = reader
    this.#beforeFirstRead()
    this.#readable.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#readable.once('end', () => this.#takeEnd())
    this.#readable.once('error', () => this.cancel('the client broke off'))
  }

  /** Asks the client to wait, as a slow upstream wants it. */
  pause(): void {
    this.#held = true
    this.#readable.pause()
  }

  resume(): void {
    this.#held = false
    this.#readable.resume()
  }

  /** False while the upstream is what the body waits for. */
  get waitsForClient(): boolean {
    return this.#reader !== null && !this.#held && !this.#finished
  }

  /** The client is gone, too slow, or no longer wanted. */
  cancel(detail: string, code = 'body_incomplete'): void {
    if (!this.#finished) this.#refuse(refuse(code, detail))
  }

  #take(chunk: Buffer): void {
    if (this.#finished) return
    this.received += chunk.length
    if (this.received > this.maxBytes) {
      this.#refuse(refuse('body_too_large', `more than ${this.maxBytes} bytes`))
      return
    }
    this.#inspectThen(chunk, () => this.#reader?.onChunk(chunk))
  }

  #takeEnd(): void {
    if (this.#finished) return
    if (this.declaredLength !== null && this.received < this.declaredLength) {
      this.#refuse(refuse('body_incomplete', `${this.received} of ${this.declaredLength} bytes`))
      return
    }
    this.#inspectThen(null, () => {
      this.#finished = true
      this.#reader?.onBodyEnd()
    })
  }

  /** Runs the inspectors in order; the stream waits while one of them does. */
  #inspectThen(chunk: Buffer | null, done: () => void): void {
    if (this.#inspectors === null) done()
    else this.#inspectFrom(this.#inspectors, 0, chunk, done)
  }

  #inspectFrom(inspectors: readonly BodyInspector[], start: number, chunk: Buffer | null, done: () => void): void {
    for (let i = start; i < inspectors.length; i++) {
      const decision = (inspectors[i] as BodyInspector)(chunk)
      if (decision instanceof Promise) {
        this.#readable.pause()
        decision.then(
          (settled) => {
            if (this.#finished) return
            if (settled.kind === 'refuse') return this.#refuse(settled)
            this.#inspectFrom(inspectors, i + 1, chunk, done)
            if (!this.#finished && !this.#held) this.#readable.resume()
          },
          (error: unknown) => this.#refuse(refuse('policy_fault', String(error))),
        )
        return
      }
      if (decision !== next && decision.kind === 'refuse') {
        this.#refuse(decision)
        return
      }
    }
    done()
  }

  #refuse(refusal: Refusal): void {
    if (this.#finished) return
    this.#finished = true
    this.#readable.pause()
    this.#reader?.onRefuse(refusal)
  }
}
