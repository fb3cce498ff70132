import type { ClientOptions } from '../core/client.ts'

/**
 * One compiled policy file: plain frozen data that can be handed to worker threads. Durations are milliseconds, sizes
 * bytes, secrets still references.
 */
export interface Snapshot {
  /** A hash of everything below: equal snapshots have equal revisions. */
  readonly revision: string
  /** The folder that relative paths in the file start from. */
  readonly baseFolder: string
  /** Where generated keys, certificates and tokens are kept (0700). */
  readonly dataFolder: string
  readonly listen: Listen
  readonly server: ServerOptions
  readonly client: ClientOptions
  readonly data: DataSource
  readonly counters: CounterSource
  readonly upstreams: Readonly<Record<string, UpstreamOptions>>
  readonly routes: readonly RouteSpec[]
  /** What no route matches goes through this one: the defaults, then a refusal. */
  readonly fallback: RouteSpec
  /** Top-level blocks of policies and of observe, parsed. */
  readonly blocks: Readonly<Record<string, unknown>>
  /** Files beside the policy file whose content is in the blocks. */
  readonly gathered?: readonly string[]
  /** What the operator should know: weakenings with their reasons, unsafe switches. */
  readonly notices: readonly Notice[]
}

export interface Listen {
  readonly https: HttpsListener | null
  readonly http: HttpListener | null
  readonly admin: AdminListener | null
}

export interface HttpsListener {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** `dev`, or certificates by preference; the first one answers where no name matches (SNI). */
  readonly certificates: 'dev' | readonly CertificateFiles[]
  readonly http2: boolean
  /** Absent where clients are not asked for a certificate. */
  readonly clientCertificates?: ClientCertificateOptions
}

/** Paths as the file gives them, without `file:`, resolved against `baseFolder`. */
export interface ClientCertificateOptions {
  readonly ca: string
  readonly crl: readonly string[]
  /** `request`: a client may come without. `require`: its connection is ended then. */
  readonly mode: 'request' | 'require'
}

/** Paths as the file gives them, without `file:`, resolved against `baseFolder`. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

export interface HttpListener {
  readonly host: string
  readonly port: number
  /** `redirect`: navigations are sent to HTTPS and calls refused. `serve`: plain HTTP behind a TLS balancer. */
  readonly mode: 'redirect' | 'serve'
  /** `all` answers 301 to every request. */
  readonly redirect: 'navigations' | 'all'
  readonly reason: string | null
}

export interface AdminListener {
  readonly host: string
  readonly port: number
  /** Null for plain HTTP. */
  readonly certificates: 'dev' | readonly CertificateFiles[] | null
  /** What requests may ask for in `Host`, beside `localhost` and the address itself. */
  readonly names: readonly string[]
  /** Why plain HTTP is served to other machines; null where it is not. */
  readonly plainHttpReason: string | null
}

export interface ServerOptions {
  /** Worker threads; the file's `auto` is the number of available cores. */
  readonly workers: number
  /** How long open exchanges may go on after a stop was asked for. */
  readonly drainMs: number
  /** From connection to the end of the header section. */
  readonly headerTimeoutMs: number
  /** Without any byte, on a connection that waits for its next request. */
  readonly keepAliveTimeoutMs: number
  /** Without any byte in either direction while an exchange is open. */
  readonly idleTimeoutMs: number
  /** Bytes per second that a request body or the reading of an answer must reach, averaged over 10 s. */
  readonly minBytesPerSecond: number
  readonly maxConnections: number
  readonly maxConnectionsPerClient: number
  readonly maxHeaderBytes: number
  readonly maxHeaderCount: number
  readonly maxUrlBytes: number
}

export type DataSource =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** `env:NAME` or `file:path`, which stand for a URL, or a URL without a password. */
  | { readonly kind: 'postgres'; readonly url: string }

export type CounterSource = { readonly kind: 'memory'; readonly maxKeys: number }

export interface UpstreamOptions {
  readonly targets: readonly string[]
  /** Connections per target and worker. */
  readonly maxConnections: number
  /** Requests that wait for a connection, per target and worker, before `upstream_overloaded`. */
  readonly maxQueued: number
  readonly connectTimeoutMs: number
  readonly firstByteTimeoutMs: number
  readonly idleTimeoutMs: number
  /** How long a resolved name is used. */
  readonly nameLifetimeMs: number
  /** How often a safe request that never reached a target is tried on another one. */
  readonly retries: number
  readonly health: HealthCheck | null
  readonly breaker: BreakerOptions
  /** For `https://` targets. */
  readonly tls: UpstreamTls | null
}

export interface HealthCheck {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Consecutive results that change a target's state. */
  readonly healthyAfter: number
  readonly unhealthyAfter: number
}

/** Passive: counts connection failures and 502/503/504 of real traffic. */
export interface BreakerOptions {
  /** Consecutive failures that open the circuit of a target. */
  readonly failures: number
  /** How long it stays open before one request may try. */
  readonly openMs: number
}

export interface UpstreamTls {
  /** PEM files, resolved against `baseFolder`. Null: the platform's authorities. */
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
  /** The name to verify instead of the target's. */
  readonly serverName: string | null
}

export interface RouteSpec {
  /** Such as `GET,POST /orders/{id}`, with hosts in front where the route names some. */
  readonly id: string
  readonly hosts: readonly string[]
  /** Upper case. Empty: every method but CONNECT and TRACE. HEAD follows GET. */
  readonly methods: readonly string[]
  readonly path: string
  readonly authenticated: boolean
  /** Why the route is public; null where it is not. */
  readonly reason: string | null
  readonly forward: ForwardSpec
  readonly allowEncodedSlash: boolean
  /** Lets bodies of upstream answers with a 5xx status pass. */
  readonly passUpstreamErrors: boolean
  /** In the registry's order. A policy may stand several times. */
  readonly policies: readonly ResolvedPolicy[]
  /** Where the route stands in the file; null for generated routes. */
  readonly position: Position | null
}

export type ForwardSpec =
  | {
      readonly kind: 'upstream'
      readonly upstream: string
      readonly stripPrefix: string | null
      readonly preserveHost: boolean
    }
  /** A route that a policy brought (`Policy.endpoints`). */
  | { readonly kind: 'endpoint'; readonly policy: string; readonly endpoint: string }
  /** Embedded: the application's next handler. */
  | { readonly kind: 'handler' }
  /** The fallback: refuse with `no_route`. */
  | { readonly kind: 'none' }

export interface ResolvedPolicy {
  readonly name: string
  readonly options: unknown
  readonly mode: 'enforce' | 'observe'
  /** Where the options came from. */
  readonly origin: 'defaults' | 'route' | 'loosen' | 'built-in'
  readonly position: Position | null
}

/** Line and column count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Notice {
  readonly kind: 'loosened' | 'exempted' | 'public' | 'observed' | 'unsafe'
  readonly text: string
  readonly reason: string | null
  readonly position: Position | null
}
