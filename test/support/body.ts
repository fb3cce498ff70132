import type { BodyInspector, RequestBody } from '../../src/core/body.ts'
import { type Refusal, refuse } from '../../src/core/decision.ts'

/** Bytes with a declared length, chunks without one, or null for no body. */
export type TestBodySource = string | Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array> | null

export interface TestBody extends RequestBody {
  /** Reads the body as the gateway does before it forwards: counted, inspected, in order. */
  read(): Promise<Refusal | Buffer>
  /** Chunks that were taken from the client so far. */
  readonly chunksRead: number
}

/** A request's body that behaves as the gateway's: inspectors see each chunk once, whether collected or streamed. */
export function createTestBody(source: TestBodySource): TestBody {
  const whole = typeof source === 'string' || source instanceof Uint8Array ? Buffer.from(source) : null
  const declaredLength = source === null ? 0 : (whole?.length ?? null)
  const inspectors: BodyInspector[] = []
  let reading: Promise<Refusal | Buffer> | null = null

  const body = {
    declaredLength,
    maxBytes: Number.POSITIVE_INFINITY,
    bytes: (declaredLength === 0 ? Buffer.alloc(0) : null) as Buffer | null,
    chunksRead: 0,
    inspect(inspector: BodyInspector) {
      inspectors.push(inspector)
    },
    collect(limitBytes: number) {
      body.maxBytes = Math.min(body.maxBytes, limitBytes)
      return body.read()
    },
    replace(bytes: Uint8Array) {
      body.bytes = Buffer.from(bytes)
    },
    read() {
      if (body.bytes !== null) return Promise.resolve(body.bytes)
      reading ??= readAll()
      return reading
    },
  }

  async function readAll(): Promise<Refusal | Buffer> {
    if (declaredLength !== null && declaredLength > body.maxBytes) return refuse('body_too_large', 'declared')
    const chunks: Uint8Array[] = []
    let received = 0
    for await (const chunk of toChunks(whole ?? source)) {
      body.chunksRead++
      received += chunk.length
      if (received > body.maxBytes) return refuse('body_too_large', 'counted')
      const refusal = await inspect(chunk)
      if (refusal !== null) return refusal
      chunks.push(chunk)
    }
    const refusal = await inspect(null)
    if (refusal !== null) return refusal
    body.bytes = Buffer.concat(chunks)
    return body.bytes
  }

  async function inspect(chunk: Uint8Array | null): Promise<Refusal | null> {
    for (const inspector of inspectors) {
      const decision = await inspector(chunk)
      if (decision.kind === 'refuse') return decision
    }
    return null
  }

  return body
}

async function* toChunks(source: TestBodySource): AsyncIterable<Uint8Array> {
  if (source === null) return
  if (typeof source === 'string' || source instanceof Uint8Array) yield Buffer.from(source)
  else yield* source
}
