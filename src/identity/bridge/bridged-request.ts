import type { Exchange } from '../../core/exchange.ts'

/** As a request came, with the names by which an application mounted below a path is spoken to. */
export interface BridgedTarget {
  /** The issuer's: what a request says in `Host` must not find its way into an address. */
  readonly origin: URL
  /** The path that the application is mounted at. */
  readonly mount: string
  /** The path below it. */
  readonly path: string
  /** Default: that of the exchange. */
  readonly query?: string
}

/** What Koa reads of the connection. There is none: the exchange knows, and so does the issuer. */
export interface BridgedSocket {
  readonly encrypted: boolean
  readonly remoteAddress: string
  readonly readable: boolean
  readonly writable: boolean
}

/**
 * An exchange whose body was collected, as Node's own server would hand it to an application. It is read as a stream may
 * be, from beginning to end in one loop, and is none: a stream costs more than all that is read from it.
 */
export class BridgedRequest {
  readonly method: string
  readonly url: string
  readonly originalUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly rawHeaders: readonly string[]
  readonly httpVersion = '1.1'
  readonly httpVersionMajor = 1
  readonly httpVersionMinor = 1
  readonly complete = true
  readonly aborted = false
  readonly socket: BridgedSocket
  readonly exchange: Exchange
  readonly readableEncoding = null
  /** Null once it was read. */
  #body: Uint8Array | null

  constructor(exchange: Exchange, { origin, mount, path, query = exchange.query }: BridgedTarget, body: Uint8Array) {
    this.exchange = exchange
    this.method = exchange.method
    this.url = query === '' ? path : `${path}?${query}`
    this.originalUrl = mount + this.url
    this.rawHeaders = exchange.headers.flat
    this.headers = toHeaders(exchange, origin.host, body.length)
    const encrypted = origin.protocol === 'https:'
    this.socket = { encrypted, remoteAddress: exchange.client.address, readable: true, writable: true }
    this.#body = body
  }

  get readable(): boolean {
    return this.#body !== null
  }

  iterator(): AsyncIterableIterator<Uint8Array> {
    return this[Symbol.asyncIterator]()
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    const body = this.#body
    this.#body = null
    if (body !== null && body.length > 0) yield body
  }
}

function toHeaders({ headers }: Exchange, host: string, length: number): Record<string, string> {
  const { flat } = headers
  const joined: Record<string, string> = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) {
    const [name, value] = [flat[i] as string, flat[i + 1] as string]
    const before = joined[name]
    // As Node joins them; of a field that may stand once only, two are no good value of it.
    joined[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  joined.host = host
  // The body is here, whole, however it came.
  delete joined['transfer-encoding']
  if (length > 0) joined['content-length'] = String(length)
  else delete joined['content-length']
  return joined
}
