import { Answer } from '../../src/core/answer.ts'
import type { ClientCertificate } from '../../src/core/client-certificate.ts'
import {
  type Carrier,
  type Client,
  createSlot,
  Exchange,
  type Outcome,
  type RouteInfo,
} from '../../src/core/exchange.ts'
import { Fields } from '../../src/core/fields.ts'
import { deliver, fail, run, settle } from '../../src/core/flow.ts'
import { Pipeline, type PolicyInstance } from '../../src/core/pipeline.ts'
import type { AnyPolicy, Hooks, PolicyDeps, PolicyOrigin } from '../../src/core/policy.ts'
import { createProvide, type Port } from '../../src/core/ports.ts'
import { createProblemTable } from '../../src/core/problem.ts'
import type { Meter, PolicyLog } from '../../src/core/telemetry.ts'
import { showWhole } from '../../src/gateway/watchers.ts'
import { createTestBody, type TestBodySource } from './body.ts'

/** One policy of a test's route: its options as the policy file would write them. */
export interface TestPolicy {
  readonly policy: AnyPolicy
  /** Default `{}`. */
  readonly options?: unknown
  readonly mode?: 'enforce' | 'observe'
  /** Where the options stand. Default `route`. */
  readonly origin?: PolicyOrigin
}

/** What is handed to policies; everything is recorded. */
export interface TestDeps {
  readonly now?: () => number
  readonly blocks?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly ports?: Iterable<readonly [Port<unknown>, unknown]>
}

export interface TestRequest extends TestDeps {
  readonly policies?: readonly TestPolicy[]
  readonly method?: string
  readonly scheme?: 'http' | 'https'
  readonly host?: string
  readonly path?: string
  readonly query?: string
  /** Names are lower-cased; a list of pairs lets a field occur several times. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  /** The client's address, or the whole client. */
  readonly client?: string | Client
  /** Bytes; or chunks, whose length is then not declared. */
  readonly body?: TestBodySource
  /** What the client showed during the TLS handshake. Default: nothing. */
  readonly clientCertificate?: ClientCertificate
  readonly route?: Partial<RouteInfo>
  readonly params?: Readonly<Record<string, string>>
  readonly upgrade?: string | null
  /** What a trusted proxy says of its client. Default: nobody does. */
  readonly proxyFields?: TestRequest['headers']
  /** What the upstream answers. Default: 200 with `content-type: application/json` and no body. */
  readonly upstream?: TestUpstreamAnswer
  /** A pipeline made before, so that state lasts over several exchanges; `policies` and deps are ignored then. */
  readonly pipeline?: TestPipeline
}

export interface TestUpstreamAnswer {
  readonly status?: number
  readonly headers?: TestRequest['headers']
  readonly body?: string | Uint8Array | null
}

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A route's policies with what they logged and counted. */
export interface TestPipeline {
  readonly pipeline: Pipeline
  readonly route: RouteInfo
  readonly hooks: readonly Hooks[]
  readonly log: readonly LogEntry[]
  /** Counter values under `name{label="value"}`. */
  readonly counters: ReadonlyMap<string, number>
  readonly gauges: ReadonlyMap<string, () => number>
  dispose(): void
}

/** How an exchange ended. */
export interface TestResult {
  readonly exchange: Exchange
  readonly status: number
  readonly headers: Fields
  readonly body: string
  /** True where every policy let the request and its body pass. */
  readonly forwarded: boolean
  /** The body as the upstream got it. */
  readonly forwardedBody: Buffer | null
  readonly aborted: string | null
  /** The private code of the refusal, null where nothing was refused. */
  readonly code: string | null
  readonly outcome: Outcome
}

export interface TestExchange {
  readonly exchange: Exchange
  readonly pipeline: TestPipeline
  /** Takes the exchange through its whole flow. */
  run(): Promise<TestResult>
}

/** Compiles policies as the running system does, with recording deps. */
export async function createTestPipeline(
  policies: readonly TestPolicy[],
  route: Partial<RouteInfo> = {},
  deps: TestDeps = {},
): Promise<TestPipeline> {
  const info: RouteInfo = {
    id: 'GET /orders',
    path: '/orders',
    methods: [],
    hosts: [],
    upstream: 'test',
    authenticated: false,
    ...route,
  }
  const log: LogEntry[] = []
  const counters = new Map<string, number>()
  const gauges = new Map<string, () => number>()
  const shared = new Map<string, { value: object; dispose: (() => void) | null }>()
  let slotCount = 0
  const policyDeps: Omit<PolicyDeps, 'origin' | 'mode'> = {
    route: info,
    now: deps.now ?? Date.now,
    block: <T>(key: string) => deps.blocks?.[key] as T,
    async secret(reference) {
      const value = deps.secrets?.[reference]
      if (value === undefined) throw new Error(`${reference} is not set`)
      return value
    },
    shared<T extends object>(key: string, make: () => T, dispose?: (value: T) => void): T {
      let entry = shared.get(key)
      if (entry === undefined) {
        const value = make()
        entry = { value, dispose: dispose === undefined ? null : () => dispose(value) }
        shared.set(key, entry)
      }
      return entry.value as T
    },
    slot: <T>() => createSlot<T>(slotCount++),
    provide: createProvide(deps.ports ?? []),
    log: createRecordingLog(log),
    meter: createRecordingMeter(counters, gauges),
  }
  const instances: PolicyInstance[] = []
  for (const { policy, options, mode = 'enforce', origin = 'route' } of policies) {
    const hooks = await policy.create(parseTestOptions(policy, options), { ...policyDeps, origin, mode })
    instances.push({ policy: policy.name, hooks, observe: mode === 'observe' })
  }
  const pipeline = new Pipeline({
    instances,
    authenticated: info.authenticated,
    slotCount,
    problems: createProblemTable(new Set(policies.map(({ policy }) => policy))),
    log: policyDeps.log,
    hookTimeoutMs: 2000,
    maxBufferedBytes: 1024 * 1024,
  })
  return {
    pipeline,
    route: info,
    hooks: instances.map(({ hooks }) => hooks),
    log,
    counters,
    gauges,
    dispose() {
      for (const { dispose } of shared.values()) dispose?.()
      shared.clear()
    },
  }
}

/** Reads options as the policy file does: the short form first, then the schema. Throws where they are wrong. */
export function parseTestOptions(policy: AnyPolicy, options: unknown = {}): unknown {
  const short = policy.shorthand?.safeParse(options)
  return policy.options.parse(short?.success ? short.data : options)
}

/** An exchange on a route with these policies and a carrier that records what becomes of it. */
export async function createTestExchange(request: TestRequest = {}): Promise<TestExchange> {
  const route = { authenticated: false, ...request.route }
  const pipeline = request.pipeline ?? (await createTestPipeline(request.policies ?? [], route, request))
  const ended = Promise.withResolvers<void>()
  const record: { answer: Answer | null; forwarded: Buffer | null; aborted: string | null } = {
    answer: null,
    forwarded: null,
    aborted: null,
  }
  const body = createTestBody(request.body ?? null)
  const upstream = request.upstream ?? {}
  const carrier: Carrier = {
    forward(exchange) {
      void body.read().then((arrived) => {
        if ('kind' in arrived) return fail(exchange, arrived)
        record.forwarded = arrived
        const headers = toFields(upstream.headers ?? { 'content-type': 'application/json' })
        deliver(exchange, new Answer('upstream', upstream.status ?? 200, headers, upstream.body ?? null))
      })
    },
    clientCertificate: () => request.clientCertificate ?? null,
    send(exchange, answer) {
      record.answer = answer
      if (answer.watchers !== null) showWhole(exchange, answer.watchers, answer.body ?? '')
      ended.resolve()
    },
    abort(_exchange, reason) {
      record.aborted = reason
      ended.resolve()
    },
  }
  const exchange = new Exchange({
    id: 'request-1',
    method: request.method ?? 'GET',
    scheme: request.scheme ?? 'https',
    httpVersion: '1.1',
    host: request.host ?? 'api.example.com',
    path: request.path ?? '/orders',
    query: request.query ?? '',
    headers: toFields(request.headers ?? {}),
    client: toClient(request.client ?? '192.0.2.1'),
    body,
    route: pipeline.route,
    params: request.params ?? {},
    pipeline: pipeline.pipeline,
    carrier,
    receivedAt: Date.now(),
    startedAt: performance.now(),
    upgrade: request.upgrade ?? null,
    proxyFields: request.proxyFields === undefined ? null : toFields(request.proxyFields),
  })
  return {
    exchange,
    pipeline,
    async run() {
      run(exchange)
      await ended.promise
      return finish(exchange, record)
    },
  }
}

/** Makes an exchange and takes it through its flow. */
export async function runTestExchange(request: TestRequest = {}): Promise<TestResult> {
  return (await createTestExchange(request)).run()
}

function finish(
  exchange: Exchange,
  record: { answer: Answer | null; forwarded: Buffer | null; aborted: string | null },
): TestResult {
  const { answer, forwarded, aborted } = record
  const body = answer?.body ?? ''
  const text = typeof body === 'string' ? body : Buffer.from(body).toString()
  const status = answer?.status ?? 0
  const outcome = { status, bytesSent: Buffer.byteLength(text), aborted: aborted !== null }
  settle(exchange, outcome)
  return {
    exchange,
    status,
    headers: answer?.headers ?? new Fields(),
    body: text,
    forwarded: forwarded !== null,
    forwardedBody: forwarded,
    aborted,
    code: exchange.refusal?.code ?? null,
    outcome,
  }
}

function toFields(headers: NonNullable<TestRequest['headers']>): Fields {
  const pairs: readonly (readonly [string, string])[] = isPairs(headers) ? headers : Object.entries(headers)
  return new Fields(pairs.flatMap(([name, value]) => [name.toLowerCase(), value]))
}

function isPairs(headers: NonNullable<TestRequest['headers']>): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers)
}

function toClient(client: string | Client): Client {
  return typeof client === 'string' ? { address: client, key: client, peer: client } : client
}

function createRecordingLog(entries: LogEntry[]): PolicyLog {
  const at =
    (level: LogEntry['level']) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      entries.push({ level, event, fields })
    }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

function createRecordingMeter(counters: Map<string, number>, gauges: Map<string, () => number>): Meter {
  const key = (name: string, labels: Readonly<Record<string, string>> = {}) => {
    const list = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
    return list.length === 0 ? name : `${name}{${list.join(',')}}`
  }
  return {
    counter(name, _help, labels) {
      const id = key(name, labels)
      counters.set(id, counters.get(id) ?? 0)
      return { add: (value = 1) => counters.set(id, (counters.get(id) ?? 0) + value) }
    },
    gauge(name, _help, read, labels) {
      gauges.set(key(name, labels), read)
    },
    total(name, _help, read, labels) {
      gauges.set(key(name, labels), read)
    },
  }
}
