import type { Answer } from './answer.ts'
import type { RequestBody } from './body.ts'
import type { ClientCertificate } from './client-certificate.ts'
import type { Refusal } from './decision.ts'
import type { Fields } from './fields.ts'
import type { Pipeline } from './pipeline.ts'
import type { Principal } from './principal.ts'

/** The route as policies see it. */
export interface RouteInfo {
  /** Unique and stable across reloads that do not change the route's match: the metric label. */
  readonly id: string
  /** The path pattern, such as `/orders/{id}`. */
  readonly path: string
  readonly methods: readonly string[]
  readonly hosts: readonly string[]
  /** The upstream's name; null for routes that a handler answers. */
  readonly upstream: string | null
  /** False for routes with `access: public`. */
  readonly authenticated: boolean
  /** False where a policy answers, or nothing does: no contract of the API speaks of it. Default true. */
  readonly reachesApi?: boolean
}

/** The client, as far as `trustProxies` lets it be known. */
export interface Client {
  /** The normalised address: IPv4-mapped IPv6 is written as IPv4. */
  readonly address: string
  /** What limits and bans are keyed by: the address, for IPv6 its /64 network (configurable). */
  readonly key: string
  /** The peer of the connection, which may be a trusted proxy. */
  readonly peer: string
}

/** What ends an exchange, for `done` hooks and the record. */
export interface Outcome {
  /** The status that was sent; 0 when the connection ended before one was. */
  readonly status: number
  readonly bytesSent: number
  /** True when the answer did not reach its end. */
  readonly aborted: boolean
}

/**
 * How the exchange meets its server. `forward` is the design's port with its implementations (an upstream, an
 * embedding handler, a handler of ours); it answers through `deliver` or `fail` of `flow.ts`.
 */
export interface Carrier {
  forward(exchange: Exchange): void
  /** What the client showed during the TLS handshake of its connection; null where it showed nothing. */
  clientCertificate(): ClientCertificate | null
  /** Sends the answer, whose `respond` hooks have run. */
  send(exchange: Exchange, answer: Answer): void
  /** Ends the connection or stream of an answer that was sent in part. */
  abort(exchange: Exchange, reason: string): void
}

/** What intake knows of a request. */
export interface ExchangeInit {
  readonly id: string
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly httpVersion: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly headers: Fields
  readonly client: Client
  readonly body: RequestBody
  readonly route: RouteInfo
  readonly params: Readonly<Record<string, string>>
  readonly pipeline: Pipeline
  readonly carrier: Carrier
  readonly receivedAt: number
  readonly startedAt: number
  /** The upgrade asked for, such as `websocket`; null for ordinary requests. */
  readonly upgrade: string | null
  /** As in `Exchange`. Default: null. */
  readonly proxyFields?: Fields | null
}

/** One request and its response, as policies see it. */
export class Exchange {
  readonly id: string
  /** In upper case. For preflights this is `OPTIONS`, though they are routed by the method they ask for. */
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly httpVersion: string
  /** The authority in lower case, with its port where one was given. */
  readonly host: string
  /** The normalised path: what was matched, and what is forwarded. */
  readonly path: string
  /** The query without `?`, as it will be forwarded. */
  query: string
  /** Names in lower case; hop-by-hop fields are gone already. */
  readonly headers: Fields
  readonly client: Client
  readonly body: RequestBody
  readonly route: RouteInfo
  readonly params: Readonly<Record<string, string>>
  readonly pipeline: Pipeline
  readonly carrier: Carrier
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** Monotonic milliseconds (`performance.now()`). */
  readonly startedAt: number
  readonly upgrade: string | null
  /** What a proxy of `trustProxies` says of its client; null for every other peer. Never forwarded. */
  readonly proxyFields: Fields | null

  principal: Principal | null = null
  /** Fields that the upstream gets on top, such as the caller's identity: flat name/value pairs. */
  readonly upstreamFields: string[] = []
  /** What was refused, as the log tells it; null while nothing was. */
  refusal: Refusal | null = null
  /** The policy that decided; null when the core, the gateway or the upstream did. */
  decidedBy: string | null = null
  /** Refusals of policies in observe mode. Null until there is one. */
  observed: ObservedRefusal[] | null = null
  /** What let it pass, such as the ids of policies, for the log. Null where nothing says so. */
  reasons: string[] | null = null
  /** An upstream's or handler's fault, for the log. */
  fault: unknown = null
  /** Monotonic milliseconds when forwarding began and when the answer's head came; 0 where nothing was forwarded or came. */
  forwardedAt = 0
  answeredAt = 0
  /** Which target answered, for the log. */
  target: string | null = null
  /** State of policies between their hooks; see `Slot`. */
  readonly slots: unknown[]
  /** What was read of it once for all policies; `src/input` alone knows its shape. */
  input: object | null = null
  settled = false
  answered = false

  constructor(init: ExchangeInit) {
    this.id = init.id
    this.method = init.method
    this.scheme = init.scheme
    this.httpVersion = init.httpVersion
    this.host = init.host
    this.path = init.path
    this.query = init.query
    this.headers = init.headers
    this.client = init.client
    this.body = init.body
    this.route = init.route
    this.params = init.params
    this.pipeline = init.pipeline
    this.carrier = init.carrier
    this.receivedAt = init.receivedAt
    this.startedAt = init.startedAt
    this.upgrade = init.upgrade
    this.proxyFields = init.proxyFields ?? null
    this.slots = init.pipeline.slotCount === 0 ? noSlots : new Array(init.pipeline.slotCount)
  }
}

export interface ObservedRefusal {
  readonly policy: string
  readonly code: string
}

/** A policy's private place in each exchange of its pipeline. */
export interface Slot<T> {
  get(exchange: Exchange): T | undefined
  set(exchange: Exchange, value: T): void
}

export function createSlot<T>(index: number): Slot<T> {
  return {
    get: (exchange) => exchange.slots[index] as T | undefined,
    set: (exchange, value) => {
      exchange.slots[index] = value
    },
  }
}

const noSlots: unknown[] = []
