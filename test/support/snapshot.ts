import { tmpdir } from 'node:os'
import type { RouteSpec, Snapshot, UpstreamOptions } from '../../src/config/snapshot.ts'
import { observeBlocks } from '../../src/observe/options.ts'

/** An upstream with patient settings. */
export function testUpstream(targets: readonly string[], extra: Partial<UpstreamOptions> = {}): UpstreamOptions {
  return {
    targets,
    maxConnections: 128,
    maxQueued: 1024,
    connectTimeoutMs: 2_000,
    firstByteTimeoutMs: 10_000,
    idleTimeoutMs: 10_000,
    nameLifetimeMs: 30_000,
    retries: 1,
    health: null,
    breaker: { failures: 5, openMs: 1_000 },
    tls: null,
    ...extra,
  }
}

/** A public route to the upstream `test`. */
export function testRoute(path: string, extra: Partial<RouteSpec> = {}): RouteSpec {
  return {
    id: path,
    hosts: [],
    methods: [],
    path,
    authenticated: false,
    reason: 'a test',
    forward: { kind: 'upstream', upstream: 'test', stripPrefix: null, preserveHost: false },
    allowEncodedSlash: false,
    passUpstreamErrors: false,
    policies: [],
    position: null,
    ...extra,
  }
}

/** A snapshot that listens on a free port of plain HTTP and logs nothing. */
export function testSnapshot(extra: Partial<Snapshot> = {}): Snapshot {
  return {
    revision: 'test',
    baseFolder: tmpdir(),
    dataFolder: tmpdir(),
    listen: {
      https: null,
      http: { host: '127.0.0.1', port: 0, mode: 'serve', redirect: 'navigations', reason: 'a test' },
      admin: null,
    },
    server: {
      workers: 1,
      drainMs: 1_000,
      headerTimeoutMs: 5_000,
      keepAliveTimeoutMs: 5_000,
      idleTimeoutMs: 10_000,
      minBytesPerSecond: 1_000,
      maxConnections: 10_000,
      maxConnectionsPerClient: 10_000,
      maxHeaderBytes: 32 * 1024,
      maxHeaderCount: 100,
      maxUrlBytes: 16 * 1024,
    },
    client: { trustProxies: [], forwardingHeader: 'x-forwarded-for', ipv6Prefix: 64 },
    data: { kind: 'sqlite', path: ':memory:' },
    counters: { kind: 'memory', maxKeys: 10_000 },
    upstreams: {},
    routes: [],
    fallback: testRoute('/**', { id: 'fallback', forward: { kind: 'none' } }),
    blocks: { log: observeBlocks.log.parse({ level: 'silent' }) },
    notices: [],
    ...extra,
  }
}
