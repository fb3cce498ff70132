import type { IncomingMessage } from 'node:http'
import type { BodyInspector, RequestBody } from '../core/body.ts'
import { type Refusal, refuse } from '../core/decision.ts'

const noBytes = Buffer.alloc(0)

/**
 * The body of a request that an application reads by itself. What policies ask for happens before a chunk reaches the
 * application's stream, and what they read whole is put back, so that parsers such as `express.json()` still work.
 */
export class EmbeddedBody implements RequestBody {
  readonly declaredLength: number | null
  bytes: Buffer | null
  maxBytes = Number.POSITIVE_INFINITY
  #received = 0
  #inspectors: BodyInspector[] | null = null
  #refused = false
  readonly #request: IncomingMessage
  readonly #onRefuse: (refusal: Refusal) => void

  /** @param onRefuse called when the body turns out to be refused while the application reads it */
  constructor(request: IncomingMessage, declaredLength: number | null, onRefuse: (refusal: Refusal) => void) {
    this.#request = request
    this.declaredLength = declaredLength
    this.#onRefuse = onRefuse
    this.bytes = declaredLength === 0 ? noBytes : null
  }

  inspect(inspector: BodyInspector): void {
    this.#inspectors ??= []
    this.#inspectors.push(inspector)
  }

  collect(limitBytes: number): Promise<Refusal | Uint8Array> {
    if (this.bytes !== null) return Promise.resolve(this.bytes)
    this.maxBytes = Math.min(this.maxBytes, limitBytes)
    const tooLarge = this.#checkDeclared()
    if (tooLarge !== null) return Promise.resolve(tooLarge)
    return new Promise((resolve) => {
      const chunks: Buffer[] = []
      const request = this.#request
      const stopReading = (): void => {
        request.off('readable', onReadable)
        request.off('close', onClose)
      }
      const finish = (result: Refusal | Buffer): void => {
        stopReading()
        resolve(result)
      }
      const onClose = () => finish(refuse('body_incomplete', 'the client broke off'))
      const onReadable = (): void => {
        for (let chunk: Buffer | null = request.read(); chunk !== null; chunk = request.read()) {
          this.#received += chunk.length
          if (this.#received > this.maxBytes) {
            finish(refuse('body_too_large', `more than ${this.maxBytes} bytes`))
            return
          }
          chunks.push(chunk)
        }
        if (!request.complete) return
        stopReading()
        const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
        // Put back at once: a moment later the stream says its end and closes. Whoever reads next gets it as if for the
        // first time.
        if (bytes.length > 0) request.unshift(bytes)
        this.#inspectWhole(bytes).then((refusal) => {
          if (refusal === null) this.bytes = bytes
          resolve(refusal ?? bytes)
        })
      }
      request.on('readable', onReadable)
      request.once('close', onClose)
      onReadable()
    })
  }

  replace(bytes: Uint8Array): void {
    if (this.bytes === null) throw new Error('only a body that was collected can be replaced')
    const request = this.#request
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    // In one go with putting back: the stream tells its end a moment later, unless there is something to read again.
    while (request.read() !== null);
    request.unshift(this.bytes)
    if (this.declaredLength !== null) setLength(request, String(bytes.length))
  }

  /**
   * Called when every policy has let the request pass: from here on the application reads. What came while one of them
   * had to wait is judged first; the rest as it comes.
   */
  release(): Refusal | null | Promise<Refusal | null> {
    if (this.bytes !== null) return null
    const tooLarge = this.#checkDeclared()
    if (tooLarge !== null) return tooLarge
    const counted = this.declaredLength === null && this.maxBytes !== Number.POSITIVE_INFINITY
    if (!counted && this.#inspectors === null) return null
    const waiting = this.#readWaiting()
    this.#interceptPush()
    this.#received += waiting?.length ?? 0
    if (this.#received > this.maxBytes)
      return this.#forget(refuse('body_too_large', `more than ${this.maxBytes} bytes`))
    const verdict = this.#inspectWaiting(waiting)
    return verdict instanceof Promise
      ? verdict.then((late) => late && this.#forget(late))
      : verdict && this.#forget(verdict)
  }

  /** What the parser has handed over already. It stays there for who reads next. */
  #readWaiting(): Buffer | null {
    const request = this.#request
    if (request.readableLength === 0) return null
    const chunks: Buffer[] = []
    while (request.readableLength > 0) chunks.push(request.read())
    const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    // In one go with reading: the stream tells its end a moment later, unless there is something to read again.
    request.unshift(bytes)
    return bytes
  }

  #inspectWaiting(bytes: Buffer | null): Refusal | null | Promise<Refusal | null> {
    // Asked before anybody waits: an end that comes later is pushed, and judged there.
    const { complete } = this.#request
    const refusal = bytes === null ? null : this.#inspectFrom(0, bytes)
    if (!complete) return refusal
    return refusal instanceof Promise
      ? refusal.then((late) => late ?? this.#inspectFrom(0, null))
      : (refusal ?? this.#inspectFrom(0, null))
  }

  /** What comes after it is read on and forgotten, so that the client gets to see the refusal. */
  #forget(refusal: Refusal): Refusal {
    this.#refused = true
    return refusal
  }

  #checkDeclared(): Refusal | null {
    if (this.declaredLength === null || this.declaredLength <= this.maxBytes) return null
    return refuse('body_too_large', `${this.declaredLength} bytes declared, ${this.maxBytes} allowed`)
  }

  /** Stands between the parser and the stream: each chunk is judged before the application can see it. */
  #interceptPush(): void {
    const request = this.#request
    const push = request.push.bind(request)
    request.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
      // What is refused is read on and forgotten, so that the client gets to see the refusal.
      if (this.#refused) return true
      this.#received += chunk?.length ?? 0
      if (this.#received > this.maxBytes) {
        this.#refuse(refuse('body_too_large', `more than ${this.maxBytes} bytes`))
        return true
      }
      const refusal = this.#inspectFrom(0, chunk)
      if (refusal instanceof Promise) {
        refusal.then((late) => (late === null ? push(chunk, encoding) : this.#refuse(late)))
        return false
      }
      if (refusal === null) return push(chunk, encoding)
      this.#refuse(refusal)
      return true
    }
  }

  async #inspectWhole(bytes: Buffer): Promise<Refusal | null> {
    return (await this.#inspectFrom(0, bytes)) ?? (await this.#inspectFrom(0, null))
  }

  #inspectFrom(start: number, chunk: Buffer | null): Refusal | null | Promise<Refusal | null> {
    const inspectors = this.#inspectors ?? []
    for (let i = start; i < inspectors.length; i++) {
      const decision = (inspectors[i] as BodyInspector)(chunk)
      if (decision instanceof Promise) {
        return decision.then(
          (late) => (late.kind === 'refuse' ? late : this.#inspectFrom(i + 1, chunk)),
          (error: unknown) => refuse('policy_fault', String(error)),
        )
      }
      if (decision.kind === 'refuse') return decision
    }
    return null
  }

  #refuse(refusal: Refusal): void {
    // A second one, of what was under way to the inspectors already, would cut off the answer to the first.
    if (this.#refused) return
    this.#refused = true
    this.#onRefuse(refusal)
    breakOff(this.#request)
  }
}

/** Node makes `headers` of the raw ones when it is asked, once. */
function setLength(request: IncomingMessage, length: string): void {
  const { rawHeaders } = request
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() === 'content-length') rawHeaders[i + 1] = length
  }
  request.headers['content-length'] = length
}

/** Whoever reads hears that no more will come. Other than Node's own way, this leaves the connection to the refusal. */
function breakOff(request: IncomingMessage): void {
  request._destroy = (error, callback) => {
    request.emit('aborted')
    // As Node does it: whoever does not listen for errors is not brought down by one.
    process.nextTick(() => callback(request.listenerCount('error') === 0 ? null : error))
  }
  request.destroy(new Error('the request body was refused'))
}
