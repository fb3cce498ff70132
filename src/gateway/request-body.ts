import type { BodyInspector, RequestBody } from '../core/body.ts'
import { type Decision, next, type Refusal, refuse } from '../core/decision.ts'
import { BodyParts } from './body-parts.ts'
import type { BodySink, BodySource } from './body-source.ts'

/** Who takes the chunks of a body. Exactly one of `onBodyEnd` and `onRefuse` is called, and nothing after it. */
export interface BodyReader {
  onChunk(chunk: Buffer): void
  onBodyEnd(): void
  onRefuse(refusal: Refusal): void
}

/** Whose body it is. */
export interface BodyOwner {
  /** Called once, before the body is read: sends `100 Continue`, starts the rate watch. */
  beforeBody(): void
  /** Whether so many bytes more may be held in memory. */
  holdBody(bytes: number): boolean
  /** An inspector threw. */
  onInspectorFault(error: unknown): void
}

const noBytes = Buffer.alloc(0)

/** A request's body on its way in: counted, inspected, and either collected or handed on chunk by chunk. */
export class ClientBody implements RequestBody, BodySink {
  readonly declaredLength: number | null
  maxBytes = Number.POSITIVE_INFINITY
  bytes: Buffer | null
  /** Bytes that have arrived. */
  received = 0
  readonly #source: BodySource
  readonly #owner: BodyOwner
  #inspectors: BodyInspector[] | null = null
  #reader: BodyReader | null = null
  /** Nobody takes chunks any more. */
  #over = false
  /** The last byte has arrived. */
  #arrived = false
  /** An inspector decides: what comes meanwhile has to wait. */
  #inspecting = false
  #held = false

  constructor(source: BodySource, declaredLength: number | null, owner: BodyOwner) {
    this.declaredLength = declaredLength
    this.#source = source
    this.#owner = owner
    this.bytes = declaredLength === 0 ? noBytes : null
  }

  /** True while the client may still have bytes to send. */
  get unread(): boolean {
    return this.declaredLength !== 0 && !this.#arrived
  }

  inspect(inspector: BodyInspector): void {
    this.#inspectors ??= []
    this.#inspectors.push(inspector)
  }

  collect(limitBytes: number): Promise<Refusal | Uint8Array> {
    if (this.bytes !== null) return Promise.resolve(this.bytes)
    this.maxBytes = Math.min(this.maxBytes, limitBytes)
    return new Promise((resolve) => {
      const parts = new BodyParts()
      this.read({
        onChunk: (chunk) => {
          if (this.#owner.holdBody(chunk.length)) parts.push(chunk)
          else this.#refuse(refuse('overloaded', 'no memory is left for bodies that are read whole'))
        },
        onBodyEnd: () => {
          this.bytes = parts.toBuffer()
          resolve(this.bytes)
        },
        onRefuse: resolve,
      })
    })
  }

  replace(bytes: Uint8Array): void {
    if (this.bytes === null) throw new Error('only a body that was collected can be replaced')
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Starts reading. May be called once. */
  read(reader: BodyReader): void {
    if (this.#over || this.#reader !== null) {
      reader.onRefuse(refuse('body_incomplete', 'the body is not to be had any more'))
      return
    }
    if (this.declaredLength !== null && this.declaredLength > this.maxBytes) {
      this.#over = true
      reader.onRefuse(refuse('body_too_large', `${this.declaredLength} bytes declared, ${this.maxBytes} allowed`))
      return
    }
    this.#reader = reader
    this.#owner.beforeBody()
    this.#source.start(this)
  }

  /** Asks the client to wait, as a slow upstream wants it. */
  pause(): void {
    this.#held = true
    this.#source.pause()
  }

  resume(): void {
    this.#held = false
    if (!this.#inspecting && !this.#over) this.#source.resume()
  }

  /** False while the upstream or a policy is what the body waits for. */
  get waitsForClient(): boolean {
    return this.#reader !== null && !this.#held && !this.#inspecting && !this.#over
  }

  /** The client is gone, too slow, or sends what is no body. */
  cancel(detail: string, code = 'body_incomplete'): void {
    this.#refuse(refuse(code, detail))
  }

  /** Whoever reads it hears nothing any more; what still comes is thrown away. */
  discard(): void {
    this.#over = true
    this.#reader = null
    if (this.unread) this.#source.discard()
  }

  onSourceChunk(chunk: Buffer): void {
    if (this.#over) return
    this.received += chunk.length
    if (this.received > this.maxBytes) {
      this.#refuse(refuse('body_too_large', `more than ${this.maxBytes} bytes`))
    } else if (this.#inspectors === null) {
      this.#reader?.onChunk(chunk)
    } else {
      this.#inspectFrom(this.#inspectors, 0, chunk)
    }
  }

  onSourceEnd(): void {
    this.#arrived = true
    // A source that was paused in its last chunk ends all the same.
    if (!this.#over && !this.#inspecting) this.#end()
  }

  onSourceFault(detail: string, code: string): void {
    this.cancel(detail, code)
  }

  #end(): void {
    if (this.declaredLength !== null && this.received < this.declaredLength) {
      this.#refuse(refuse('body_incomplete', `${this.received} of ${this.declaredLength} bytes`))
    } else if (this.#inspectors === null) {
      this.#pass(null)
    } else {
      this.#inspectFrom(this.#inspectors, 0, null)
    }
  }

  #pass(chunk: Buffer | null): void {
    if (chunk !== null) {
      this.#reader?.onChunk(chunk)
      return
    }
    this.#over = true
    this.#reader?.onBodyEnd()
  }

  /** Runs the inspectors in order; the stream waits while one of them does. */
  #inspectFrom(inspectors: readonly BodyInspector[], start: number, chunk: Buffer | null): void {
    for (let i = start; i < inspectors.length; i++) {
      let decision: Decision | Promise<Decision>
      try {
        decision = (inspectors[i] as BodyInspector)(chunk)
      } catch (error) {
        this.#takeFault(error)
        return
      }
      if (decision instanceof Promise) {
        this.#inspecting = true
        this.#source.pause()
        decision.then(
          (settled) => this.#goOn(inspectors, i, chunk, settled),
          (error: unknown) => this.#takeFault(error),
        )
        return
      }
      if (decision === next) continue
      if (!this.#admits(decision)) return
    }
    this.#pass(chunk)
  }

  #goOn(inspectors: readonly BodyInspector[], at: number, chunk: Buffer | null, decision: Decision): void {
    this.#inspecting = false
    if (this.#over || !this.#admits(decision)) return
    this.#inspectFrom(inspectors, at + 1, chunk)
    if (this.#over || this.#inspecting) return
    if (this.#arrived) this.#end()
    else if (!this.#held) this.#source.resume()
  }

  /** An inspector cannot answer, and anything else than `next` or a refusal is a fault of its own. */
  #admits(decision: Decision): boolean {
    if (decision?.kind === 'next') return true
    if (decision?.kind === 'refuse') this.#refuse(decision)
    else this.#takeFault(new TypeError(`an inspector returned ${JSON.stringify(decision)}`))
    return false
  }

  #takeFault(error: unknown): void {
    this.#inspecting = false
    this.#owner.onInspectorFault(error)
    this.#refuse(refuse('policy_fault', 'an inspector threw'))
  }

  #refuse(refusal: Refusal): void {
    if (this.#over) return
    this.#over = true
    this.#source.pause()
    const reader = this.#reader
    this.#reader = null
    reader?.onRefuse(refusal)
  }
}
