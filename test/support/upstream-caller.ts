import type { Duplex } from 'node:stream'
import type { UpstreamOptions } from '../../src/config/snapshot.ts'
import type {
  AnswerFraming,
  Upstream,
  UpstreamCall,
  UpstreamFault,
  UpstreamHandler,
  UpstreamRequest,
} from '../../src/gateway/upstream/dispatch.ts'

/** Short patience, so that tests of timeouts are short too. */
export function upstreamOptions(targets: readonly string[], own: Partial<UpstreamOptions> = {}): UpstreamOptions {
  return {
    targets,
    maxConnections: 8,
    maxQueued: 64,
    connectTimeoutMs: 2000,
    firstByteTimeoutMs: 2000,
    idleTimeoutMs: 2000,
    nameLifetimeMs: 30_000,
    retries: 1,
    health: null,
    breaker: { failures: 100, openMs: 1000 },
    tls: null,
    ...own,
  }
}

export interface CallOptions {
  /** Called for each chunk; false stops the reading. */
  readonly onData?: (chunk: Buffer, call: TestCall) => boolean
  readonly onHead?: (call: TestCall) => void
  readonly onWritable?: (call: TestCall) => void
  /** Keeps the content; not wanted for long answers. Default true. */
  readonly collect?: boolean
}

/** One call on an upstream, with everything that came of it. `done` resolves with its end, whichever it was. */
export class TestCall implements UpstreamHandler {
  readonly done: Promise<this>
  readonly call: UpstreamCall
  status = 0
  headers: string[] = []
  framing: AnswerFraming | null = null
  body = ''
  bytes = 0
  trailers: string[] | null = null
  fault: UpstreamFault | null = null
  readonly interims: { status: number; headers: string[] }[] = []
  upgraded: { headers: string[]; socket: Duplex; head: Buffer } | null = null
  pauses = 0
  writables = 0
  /** Endings that were reported: more than one is a defect. */
  ends = 0
  readonly #options: CallOptions
  #resolve: (call: this) => void = () => {}

  constructor(upstream: Upstream, request: Partial<UpstreamRequest> = {}, options: CallOptions = {}) {
    this.#options = options
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
    const whole: UpstreamRequest = {
      method: 'GET',
      target: '/',
      headers: [],
      body: 'none',
      clientKey: 'client',
      upgrade: null,
      ...request,
    }
    this.call = upstream.dispatch(whole, this)
  }

  onInterim(status: number, headers: string[]): void {
    this.interims.push({ status, headers })
  }
  onHead(status: number, headers: string[], framing: AnswerFraming): void {
    this.status = status
    this.headers = headers
    this.framing = framing
    this.#options.onHead?.(this)
  }
  onData(chunk: Buffer): boolean {
    if (this.ends > 0) throw new Error('content after the end')
    this.bytes += chunk.length
    if (this.#options.collect !== false) this.body += chunk.toString('latin1')
    return this.#options.onData?.(chunk, this) ?? true
  }
  onPause(): void {
    this.pauses += 1
  }
  onEnd(trailers: string[] | null): void {
    this.trailers = trailers
    this.#end()
  }
  onUpgrade(headers: string[], socket: Duplex, head: Buffer): void {
    this.upgraded = { headers, socket, head }
    this.#end()
  }
  onWritable(): void {
    this.writables += 1
    this.#options.onWritable?.(this)
  }
  onFault(fault: UpstreamFault): void {
    this.fault = fault
    this.#end()
  }
  #end(): void {
    this.ends += 1
    if (this.ends > 1) throw new Error('a call ended twice')
    this.#resolve(this)
  }
}

/** Waits until something is so, for a bounded time. */
export async function until(condition: () => boolean, what: string, limitMs = 3000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
