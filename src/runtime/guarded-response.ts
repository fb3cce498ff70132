import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

export type Callback = (error?: Error | null) => void
/** What `write` and `end` are given: a text with or without its encoding, bytes, or a callback alone. */
export type Chunk = string | Uint8Array | Callback | null | undefined
export type Encoding = BufferEncoding | Callback | null | undefined

/** Who takes what a handler answers. */
export interface ResponseGuard {
  begin(status: number, given: OutgoingHttpHeaders | readonly unknown[] | undefined, whole: number | null): void
  write(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): boolean
  end(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): void
  flushHeaders(): void
  /** The answer has left, or its connection ended. */
  onClose(): void
}

/** Node's own, by which what was judged is sent. */
export interface ResponseMethods {
  readonly writeHead: ServerResponse['writeHead']
  readonly write: (this: ServerResponse, chunk: Chunk, encoding?: Encoding, callback?: Callback) => boolean
  readonly end: (this: ServerResponse, chunk?: Chunk, encoding?: Encoding, callback?: Callback) => ServerResponse
  readonly flushHeaders: ServerResponse['flushHeaders']
}

const guardKey = Symbol('portcullis')
type GuardedResponse = ServerResponse & { [guardKey]?: ResponseGuard }

/** Makes a guard hear of a response's end, and hands it the methods that the response has now. */
export function takeOver(response: ServerResponse, guard: ResponseGuard): ResponseMethods {
  const { writeHead, write, end, flushHeaders } = response
  ;(response as GuardedResponse)[guardKey] = guard
  response.on('close', onResponseClose)
  return {
    writeHead,
    write: write as ResponseMethods['write'],
    end: end as ResponseMethods['end'],
    flushHeaders,
  }
}

/** From here on, what a handler calls goes to the guard. */
export function guardMethods(response: ServerResponse): void {
  response.writeHead = guardedWriteHead as ServerResponse['writeHead']
  response.write = guardedWrite as ServerResponse['write']
  response.end = guardedEnd as ServerResponse['end']
  response.flushHeaders = guardedFlushHeaders
}

/** In bytes. */
export function lengthOf(chunk: Chunk, encoding: Encoding): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, toKnownEncoding(encoding))
  return chunk instanceof Uint8Array ? chunk.length : 0
}

/** A copy: the handler may use its own again. */
export function toBytes(chunk: Chunk, encoding: Encoding): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, toKnownEncoding(encoding))
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.alloc(0)
}

/** It may stand in the place of the chunk or of the encoding. */
export function toCallback(chunk: Chunk, encoding: Encoding, callback: Callback | undefined): Callback | undefined {
  if (typeof chunk === 'function') return chunk
  return typeof encoding === 'function' ? encoding : callback
}

export function toKnownEncoding(encoding: Encoding): BufferEncoding {
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
}

// Shared by all responses, so that guarding one makes no closures.

function guardedWriteHead(this: GuardedResponse, status: number, reason?: unknown, headers?: unknown): GuardedResponse {
  const given = typeof reason === 'string' ? headers : reason
  this[guardKey]?.begin(status, given as OutgoingHttpHeaders | undefined, null)
  return this
}

function guardedWrite(this: GuardedResponse, chunk: Chunk, encoding?: Encoding, callback?: Callback): boolean {
  return (this[guardKey] as ResponseGuard).write(chunk, encoding, callback)
}

function guardedEnd(this: GuardedResponse, chunk?: Chunk, encoding?: Encoding, callback?: Callback): GuardedResponse {
  ;(this[guardKey] as ResponseGuard).end(chunk, encoding, callback)
  return this
}

function guardedFlushHeaders(this: GuardedResponse): void {
  ;(this[guardKey] as ResponseGuard).flushHeaders()
}

function onResponseClose(this: GuardedResponse): void {
  this[guardKey]?.onClose()
}
