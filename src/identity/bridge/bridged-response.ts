import { EventEmitter } from 'node:events'
import type { FieldPairs } from '../../core/decision.ts'

const ofTheCarrier = new Set(['content-length', 'transfer-encoding', 'connection'])

type FieldValue = number | string | readonly string[]

/**
 * The other side: what an application writes is collected, within a bound, and becomes a reply. It is no stream: answers of
 * OAuth are short and come whole.
 */
export class BridgedResponse extends EventEmitter {
  statusCode = 404
  statusMessage = ''
  headersSent = false
  readonly socket = null
  readonly writable = true
  finished = false
  readonly #fields = new Map<string, FieldValue>()
  readonly #chunks: Buffer[] = []
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    super()
    this.#maxBytes = maxBytes
  }

  get writableEnded(): boolean {
    return this.finished
  }

  setHeader(name: string, value: FieldValue): this {
    this.#fields.set(name.toLowerCase(), value)
    return this
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    const before = this.#fields.get(name.toLowerCase())
    const values = before === undefined ? [] : [before].flat().map(String)
    return this.setHeader(name, [...values, ...[value].flat()])
  }

  getHeader(name: string): FieldValue | undefined {
    return this.#fields.get(name.toLowerCase())
  }

  hasHeader(name: string): boolean {
    return this.#fields.has(name.toLowerCase())
  }

  removeHeader(name: string): void {
    this.#fields.delete(name.toLowerCase())
  }

  getHeaderNames(): string[] {
    return [...this.#fields.keys()]
  }

  getHeaders(): Record<string, FieldValue> {
    return Object.fromEntries(this.#fields)
  }

  writeHead(status: number, fields: Readonly<Record<string, FieldValue>> = {}): this {
    this.statusCode = status
    for (const [name, value] of Object.entries(fields)) this.setHeader(name, value)
    return this
  }

  flushHeaders(): void {
    this.headersSent = true
  }

  write(chunk: string | Uint8Array): boolean {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)
    this.#bytes += bytes.length
    if (this.#bytes > this.#maxBytes) throw new Error(`the answer is larger than ${this.#maxBytes} bytes`)
    this.headersSent = true
    this.#chunks.push(bytes)
    return true
  }

  /** Once is enough: what comes after the end is nobody's answer. */
  end(chunk?: string | Uint8Array | null): this {
    if (this.finished) return this
    if (chunk !== undefined && chunk !== null) this.write(chunk)
    this.headersSent = true
    this.finished = true
    this.emit('finish')
    return this
  }

  get body(): Buffer {
    const [first] = this.#chunks
    return first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
  }

  /** In the order in which they were set, `Set-Cookie` once for each cookie. The carrier knows the length. */
  get pairs(): FieldPairs {
    const pairs: [string, string][] = []
    for (const [name, value] of this.#fields) {
      if (ofTheCarrier.has(name)) continue
      if (typeof value === 'object') for (const each of value) pairs.push([name, String(each)])
      else pairs.push([name, String(value)])
    }
    return pairs
  }
}
