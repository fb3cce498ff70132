import type { Exchange } from '../core/exchange.ts'
import { type Decoded, decodeBody } from './decode-body.ts'
import { type Pair, type Pairs, parsePairs } from './pairs.ts'
import { type BodyInput, readBody } from './read-body.ts'

/**
 * What a request holds, read once and at first use, for every policy that judges it: two policies that read one
 * request differently would be a way past one of them.
 */
export class RequestInput {
  #maxDecodedBytes = usualDecodedBytes
  readonly #exchange: Exchange
  #query: Pairs | null = null
  #queryText = ''
  #cookies: readonly Pair[] | null = null
  #body: BodyInput | Promise<BodyInput> | null = null
  #bodyBytes: Uint8Array | null = null
  #decoded: Decoded | Promise<Decoded> | null = null
  #isScanned = false

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  /** What a compressed body may unpack to, as the route's limits say; of one that is read whole no more than 256 MiB. */
  get maxDecodedBytes(): number {
    return this.#maxDecodedBytes
  }

  set maxDecodedBytes(bytes: number) {
    this.#maxDecodedBytes = Math.min(bytes, mostDecodedBytes)
  }

  /** The query's parameters, as it is forwarded. */
  get query(): Pairs {
    const { query } = this.#exchange
    if (this.#query === null || this.#queryText !== query) {
      this.#query = parsePairs(query)
      this.#queryText = query
    }
    return this.#query
  }

  /** Names and values as they came (RFC 6265 section 5.4), those that are forwarded. */
  get cookies(): readonly Pair[] {
    this.#cookies ??= this.#exchange.headers.all('cookie').flatMap((text) => readCookies(text))
    return this.#cookies
  }

  /** The body of a policy with `requestBody: 'buffer'`. A promise only where it has to be unpacked. */
  get body(): BodyInput | Promise<BodyInput> {
    const { bytes } = this.#exchange.body
    this.#renew(bytes)
    if (this.#body === null) {
      const decoded = this.decoded
      const read = (one: Decoded) => readBody(this.#exchange, one, this.#isScanned)
      this.#body = decoded instanceof Promise ? decoded.then(read) : read(decoded)
      if (this.#body instanceof Promise) this.#body.then((body) => this.#settle(body, bytes))
    }
    return this.#body
  }

  /** The bytes of a body that was collected, without its `Content-Encoding`, before anything is made of them. */
  get decoded(): Decoded | Promise<Decoded> {
    const { body, headers } = this.#exchange
    this.#renew(body.bytes)
    this.#decoded ??= decodeBody(body.bytes, headers.all('content-encoding').join(','), this.#maxDecodedBytes)
    return this.#decoded
  }

  /** The JSON of this body was found to be strict, and need not be scanned again. */
  markScanned(): void {
    this.#isScanned = true
  }

  /** A body that was replaced is another one. */
  #renew(bytes: Uint8Array | null): void {
    if (this.#bodyBytes === bytes) return
    this.#bodyBytes = bytes
    this.#body = null
    this.#decoded = null
    this.#isScanned = false
  }

  #settle(body: BodyInput, bytes: Uint8Array | null): void {
    if (this.#bodyBytes === bytes) this.#body = body
  }
}

/** What a compressed body may unpack to where it is read whole: if no policy says, and if one allows more. */
const [usualDecodedBytes, mostDecodedBytes] = [32 * 1024 * 1024, 256 * 1024 * 1024]

/** The one reading of an exchange. */
export function readInput(exchange: Exchange): RequestInput {
  const known = exchange.input
  if (known instanceof RequestInput) return known
  const input = new RequestInput(exchange)
  exchange.input = input
  return input
}

function readCookies(text: string): Pair[] {
  return text.split(';').flatMap((pair): Pair[] => {
    const trimmed = pair.trim()
    if (trimmed === '') return []
    const equals = trimmed.indexOf('=')
    return [equals === -1 ? ['', trimmed] : [trimmed.slice(0, equals).trimEnd(), trimmed.slice(equals + 1).trimStart()]]
  })
}
