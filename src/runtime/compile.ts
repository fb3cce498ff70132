import { resolve } from 'node:path'
import { identityOwner } from '../config/identity/identity-routes.ts'
import type { RouteSpec, Snapshot, UpstreamOptions } from '../config/snapshot.ts'
import { createClientResolver } from '../core/client.ts'
import { createSlot } from '../core/exchange.ts'
import { Pipeline, type PolicyInstance } from '../core/pipeline.ts'
import type { AnyPolicy, EndpointHandler, Hooks, PolicyDeps } from '../core/policy.ts'
import type { Port, Provide } from '../core/ports.ts'
import { createProblemTable, type ProblemTable } from '../core/problem.ts'
import type { CompiledForward, CompiledRoute, CompiledSnapshot } from '../gateway/compiled.ts'
import { createRouter } from '../gateway/router.ts'
import type { Upstream } from '../gateway/upstream/dispatch.ts'
import { createUpstream } from '../gateway/upstream/upstream.ts'
import type { IdentityDeps } from '../identity/deps.ts'
import { loadIssuers } from '../identity/load-issuers.ts'
import type { IdentityOptions } from '../identity/options.ts'
import { ownIssuerPort } from '../outbound/own-issuer.ts'
import type { Environment } from './environment.ts'
import { createApplicationClient, createOwnIssuer } from './own-issuer.ts'
import { readProof } from './proof.ts'
import { toRouteInfo } from './route-info.ts'
import { readReferredFile, readSecret } from './secrets.ts'
import type { SharedScope } from './shared-state.ts'

/** How long one asynchronous decision of a policy may take. */
const hookTimeoutMs = 10_000
/** The most of a request body that is held for policies that read it whole. */
const maxBufferedBytes = 1024 * 1024

/** A compiled snapshot and its end: `retire` releases what it holds once its last exchange is done. */
export interface LiveSnapshot extends CompiledSnapshot {
  readonly routes: readonly CompiledRoute[]
  readonly upstreams: ReadonlyMap<string, Upstream>
  retire(): void
}

/**
 * Makes a snapshot ready to serve: every policy created, every route compiled. Rejects when a policy cannot be made
 * (a key file is missing, say), in which case nothing of it stays behind.
 */
export async function compileSnapshot(snapshot: Snapshot, environment: Environment): Promise<LiveSnapshot> {
  const scope = environment.shared.open()
  try {
    return await compile(snapshot, environment, scope)
  } catch (error) {
    scope.release()
    throw error
  }
}

async function compile(snapshot: Snapshot, environment: Environment, scope: SharedScope): Promise<LiveSnapshot> {
  const policies = new Map(environment.policies.map((policy) => [policy.name, policy]))
  const problems = createProblemTable(environment.policies)
  const upstreams = openUpstreams(snapshot, environment, scope)
  const endpoints = new Map<string, EndpointHandler>()
  const parts = { snapshot, environment, scope, policies, problems, upstreams, endpoints }
  const context: Context = { ...parts, provide: await openIdentity(parts) }

  const compiled = new Map<RouteSpec, CompiledRoute>()
  // Routes that policies brought come last: their handlers are found on the way.
  const specs = [snapshot.fallback, ...snapshot.routes].sort((a, b) => rank(a) - rank(b))
  for (const spec of specs) compiled.set(spec, await compileRoute(spec, context))

  const routes = snapshot.routes.map((spec) => compiled.get(spec) as CompiledRoute)
  const lease = createLease(() => scope.release())
  return {
    revision: snapshot.revision,
    server: snapshot.server,
    client: createClientResolver(snapshot.client),
    router: createRouter(routes),
    fallback: compiled.get(snapshot.fallback) as CompiledRoute,
    methods: new Set(snapshot.routes.flatMap((route) => route.methods)),
    plainHttp: snapshot.listen.http,
    httpsPort: environment.httpsPort,
    record: (exchange, outcome) => {
      try {
        environment.record(exchange, outcome)
      } catch (error) {
        environment.log.error('record_fault', { requestId: exchange.id, error })
      }
    },
    readProof: (field, exchange) =>
      environment.proofKey === null
        ? null
        : readProof(environment.proofKey, field, exchange.method, exchange.path, environment.now()),
    onExposed: (exchange, fieldName) =>
      environment.log.warn('credential_exposed', {
        requestId: exchange.id,
        field: fieldName,
        client: exchange.client.address,
        advice: 'it came over plain HTTP: replace it',
      }),
    routes,
    upstreams,
    ...lease,
  }
}

function rank(route: RouteSpec): number {
  return route.forward.kind === 'endpoint' ? 1 : 0
}

/** Counts exchanges; `release` runs once, after `retire` and the end of the last exchange. */
function createLease(release: () => void): Pick<LiveSnapshot, 'enter' | 'leave' | 'retire'> {
  let open = 0
  let retired = false
  return {
    enter() {
      open++
    },
    leave() {
      open--
      if (retired && open === 0) release()
    },
    retire() {
      if (retired) return
      retired = true
      if (open === 0) release()
    },
  }
}

/** Pools, health and circuits are kept over a reload that does not change their upstream. */
function openUpstreams(snapshot: Snapshot, environment: Environment, scope: SharedScope): Map<string, Upstream> {
  const upstreams = new Map<string, Upstream>()
  for (const [name, options] of Object.entries(snapshot.upstreams)) {
    const absolute = withAbsoluteFiles(options, snapshot.baseFolder)
    const upstream = scope.get<Upstream>(
      `upstream:${name}:${JSON.stringify(absolute)}`,
      () => createUpstream(name, absolute, { log: environment.log }),
      (unused) => void unused.close(),
    )
    upstreams.set(name, upstream)
  }
  return upstreams
}

function withAbsoluteFiles(options: UpstreamOptions, baseFolder: string): UpstreamOptions {
  if (options.tls === null) return options
  const absolute = (path: string | null) => (path === null ? null : resolve(baseFolder, path))
  const { ca, cert, key, serverName } = options.tls
  return { ...options, tls: { ca: absolute(ca), cert: absolute(cert), key: absolute(key), serverName } }
}

/** The identity server, where the file asks for one. */
async function openIdentity({ snapshot, environment, scope, endpoints }: Omit<Context, 'provide'>): Promise<Provide> {
  const options = snapshot.blocks.identity as IdentityOptions | undefined
  if (options === undefined) return environment.provide
  const createIssuers = await loadIssuers()
  const { provide, log, meter, now } = environment
  const { client, secret } = createApplicationClient(snapshot, options)
  const identityDeps: IdentityDeps = {
    block: <T>(key: string) => snapshot.blocks[key] as T,
    secret: (reference) => readSecret(reference, snapshot.baseFolder),
    file: (reference) => readReferredFile(reference, snapshot.baseFolder),
    shared: scope.get,
    provide,
    log,
    meter,
    now,
  }
  const handlers = await createIssuers(options, identityDeps, client === null ? [] : [client])
  for (const [id, handle] of handlers) endpoints.set(`${identityOwner}/${id}`, handle)
  const own = createOwnIssuer(options, secret, handlers)
  return <T>(port: Port<T>) => (port.name === ownIssuerPort.name ? (own as T) : provide(port))
}

interface Context {
  readonly snapshot: Snapshot
  readonly environment: Environment
  readonly scope: SharedScope
  readonly policies: ReadonlyMap<string, AnyPolicy>
  readonly problems: ProblemTable
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly endpoints: Map<string, EndpointHandler>
  readonly provide: Provide
}

async function compileRoute(spec: RouteSpec, context: Context): Promise<CompiledRoute> {
  const { environment, snapshot, scope, policies } = context
  const info = toRouteInfo(spec)
  let slotCount = 0
  const instances: PolicyInstance[] = []
  for (const { name, options, mode, origin } of spec.policies) {
    const policy = policies.get(name)
    if (policy === undefined) throw new Error(`there is no policy "${name}"`)
    const deps: PolicyDeps = {
      route: info,
      origin,
      mode,
      now: environment.now,
      block: <T>(key: string) => snapshot.blocks[key] as T,
      secret: (reference) => readSecret(reference, snapshot.baseFolder),
      shared: scope.get,
      slot: <T>() => createSlot<T>(slotCount++),
      provide: context.provide,
      log: environment.log,
      meter: environment.meter,
    }
    const hooks: Hooks = await policy.create(options, deps)
    for (const [id, handle] of Object.entries(hooks.endpoints ?? {})) {
      const key = `${name}/${id}`
      if (!context.endpoints.has(key)) context.endpoints.set(key, handle)
    }
    instances.push({ policy: name, hooks, observe: mode === 'observe' })
  }
  return {
    id: spec.id,
    hosts: spec.hosts,
    methods: spec.methods,
    path: spec.path,
    allowEncodedSlash: spec.allowEncodedSlash,
    passUpstreamErrors: spec.passUpstreamErrors,
    info,
    forward: toForward(spec, context),
    pipeline: new Pipeline({
      instances,
      authenticated: spec.authenticated,
      slotCount,
      problems: context.problems,
      log: environment.log,
      hookTimeoutMs,
      maxBufferedBytes,
    }),
  }
}

function toForward(spec: RouteSpec, context: Context): CompiledForward {
  const { forward } = spec
  switch (forward.kind) {
    case 'upstream': {
      const upstream = context.upstreams.get(forward.upstream)
      if (upstream === undefined) throw new Error(`route ${spec.id}: there is no upstream "${forward.upstream}"`)
      return { kind: 'upstream', upstream, stripPrefix: forward.stripPrefix, preserveHost: forward.preserveHost }
    }
    case 'endpoint': {
      const handle = context.endpoints.get(`${forward.policy}/${forward.endpoint}`)
      if (handle === undefined) throw new Error(`policy "${forward.policy}" does not answer "${forward.endpoint}"`)
      return { kind: 'endpoint', handle }
    }
    case 'handler':
    case 'none':
      return { kind: forward.kind }
  }
}
