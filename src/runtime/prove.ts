import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identityOwner } from '../config/identity/identity-routes.ts'
import type { ResolvedPolicy, RouteSpec, Snapshot } from '../config/snapshot.ts'
import type { FieldPairs } from '../core/decision.ts'
import { createSlot, type RouteInfo } from '../core/exchange.ts'
import type { AnyPolicy, Demands, MintedCredential, PolicyDeps } from '../core/policy.ts'
import type { Provide } from '../core/ports.ts'
import type { Probe, ProbeTarget } from '../core/probe.ts'
import { publicProblems } from '../core/problems.ts'
import { type PolicyLog, silentMeter } from '../core/telemetry.ts'
import { listIssuers, toEndpointId } from '../identity/issuers.ts'
import type { IdentityOptions } from '../identity/options.ts'
import { createIdentityProbes } from '../identity/proof/probes.ts'
import { createVisitors } from '../identity/proof/visitors.ts'
import { createIdentityWalks } from '../identity/proof/walks.ts'
import { policies } from '../policies/index.ts'
import { type Deployment, type ProbeResult, type ProbeSet, runProbes } from '../scanner/prober.ts'
import { completeProbes } from './complete-probes.ts'
import { signProof } from './proof.ts'
import { toRouteInfo } from './route-info.ts'
import { toSamplePath } from './sample-path.ts'
import { readSecret } from './secrets.ts'
import { proofKeyName } from './services.ts'

export interface ProveOptions {
  readonly snapshot: Snapshot
  /** Where HTTPS and plain HTTP answer; null where there is no such listener. */
  readonly https: URL | null
  readonly http: URL | null
  /** PEM authorities for HTTPS; null: the development certificate where there is one, else the platform's. */
  readonly ca: string | null
  /**
   * Fields that identify a caller: used where no credential can be minted, and where a policy may ask for more than one
   * that is minted has.
   */
  readonly headers: FieldPairs
  /** Private keys of callers (PEM or JWK) by the name of their issuer or their `keyId`. */
  readonly keys?: ReadonlyMap<string, string> | undefined
  /** The certificate of a caller and its key, PEM, for routes with `mtls`. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined
  /** Only the probes of these policies; null: of all. */
  readonly only: readonly string[] | null
  readonly provide: Provide
  readonly log: PolicyLog
}

/** How long a minted credential lives. */
const credentialSeconds = 60

/**
 * Runs the probes of every active policy on every route against a running deployment. Credentials are minted where the
 * policy can, used for the one route, and revoked.
 */
export async function prove(options: ProveOptions): Promise<ProbeResult[]> {
  const { snapshot } = options
  const key = await readFile(join(snapshot.dataFolder, proofKeyName)).catch(() => null)
  const deployment: Deployment = {
    https:
      options.https === null ? null : { url: options.https, ca: options.ca ?? (await readDevCertificate(snapshot)) },
    http: options.http === null ? null : { url: options.http, ca: null },
    clientCertificate: options.clientCertificate,
    requiresCertificate: snapshot.listen.https?.clientCertificates?.mode === 'require',
    sign: key === null ? null : (method, path, answer) => signProof(key, method, path, Date.now(), answer),
  }
  const addresses = createAddresses(deployment)
  const jobs = snapshot.routes
    .flatMap((route) => jobsOf(route, addresses.known))
    .filter(({ policy }) => options.only?.includes(policy.name) ?? true)
  const callers = await findCallers(snapshot.routes, options)
  const results: ProbeResult[] = []
  // What uses limits up comes last, and a limit that many routes share is used up once.
  const exhausted = new Set<string>()
  for (const exhausting of [false, true]) {
    for (const { route, policy } of jobs) {
      const all = createProbes(route, policy, options, addresses, callers.get(route) ?? null)
      const probes = all.filter((probe) => isExhausting(probe) === exhausting)
      const shared = `${policy.name} ${JSON.stringify(policy.options)}`
      if (probes.length === 0 || (exhausting && policy.origin !== 'route' && exhausted.has(shared))) continue
      if (exhausting) exhausted.add(shared)
      results.push(...(await proveRoute(route, policy, probes, options, deployment, addresses)))
    }
  }
  if (options.only?.includes(identityOwner) ?? true)
    results.push(...(await proveIdentity(options, deployment, addresses)))
  return results
}

/** What the identity server answers by itself, beside what every stage does on its routes. */
async function proveIdentity(
  { snapshot, provide, log }: ProveOptions,
  deployment: Deployment,
  addresses: Addresses,
): Promise<ProbeResult[]> {
  const identity = snapshot.blocks.identity as IdentityOptions | undefined
  if (identity === undefined) return []
  const probes = new Map(
    listIssuers(identity).flatMap((issuer) =>
      [...createIdentityProbes(issuer)].map(([id, own]) => [toEndpointId(issuer, id), own] as const),
    ),
  )
  const sets = snapshot.routes.flatMap(({ id, hosts, forward }): ProbeSet[] => {
    const own =
      forward.kind === 'endpoint' && forward.policy === identityOwner ? probes.get(forward.endpoint) : undefined
    if (own === undefined) return []
    const nobody = {
      credential: null,
      stranger: null,
      byCertificate: false,
      authenticated: false,
      shapedBy: null,
      contentCodes: nothing,
      renew: null,
    }
    const from = () => addresses.fresh()
    return [{ route: id, policy: identityOwner, ...nobody, host: hosts[0] ?? null, from, probes: own }]
  })
  const visitors = await createVisitors({ provide, log }, identity.tenant ?? null)
  try {
    const walks = createIdentityWalks(identity.issuer, visitors)
    return await runProbes(
      sets.map((set) => (set.probes === probes.get('authorize') ? { ...set, walks } : set)),
      deployment,
    )
  } finally {
    await visitors.remove()
  }
}

/**
 * The policies of a route that can be proven from here. Where the prober's own address may not use the route, only
 * those that say so have something to show.
 */
function jobsOf(route: RouteSpec, address: string | null): { route: RouteSpec; policy: ResolvedPolicy }[] {
  const closed = ({ name, options, mode }: ResolvedPolicy) =>
    address !== null && mode === 'enforce' && findPolicy(name).admits?.(options, address) === false
  const closing = route.policies.filter(closed)
  return (closing.length > 0 ? closing : route.policies).map((policy) => ({ route, policy }))
}

function isExhausting({ requests }: Probe): boolean {
  return requests.some(({ times = 1 }) => times > 5) || requests.length > 50
}

function createProbes(
  route: RouteSpec,
  { name, options: policyOptions, mode, origin }: ResolvedPolicy,
  { snapshot, https }: ProveOptions,
  addresses: Addresses,
  callerBy: string | null,
): readonly Probe[] {
  const target: ProbeTarget = {
    route: toRouteInfo(route),
    path: toSamplePath(route.path),
    method: route.methods[0] ?? 'GET',
    observe: mode === 'observe',
    inDefaults: origin === 'defaults',
    address: addresses.known,
    plainOnly: https === null,
    callerBy,
    block: <T>(blockKey: string) => snapshot.blocks[blockKey] as T,
  }
  const samples = route.policies.flatMap((other) =>
    other.name === name ? [] : (findPolicy(other.name).sample?.(other.options, target) ?? []),
  )
  const probes = completeProbes(target, samples, (completed) => findPolicy(name).probes(policyOptions, completed))
  const answersItself = route.forward.kind === 'endpoint' || route.forward.kind === 'none' || target.method === 'HEAD'
  return answersItself ? probes.filter(({ requests }) => requests.every(({ answer }) => answer === undefined)) : probes
}

async function proveRoute(
  route: RouteSpec,
  { name }: ResolvedPolicy,
  probes: readonly Probe[],
  options: ProveOptions,
  deployment: Deployment,
  addresses: Addresses,
): Promise<ProbeResult[]> {
  const info = toRouteInfo(route)
  const demands = demandsOf(route, info, options)
  const given = options.headers.length > 0 ? { headers: options.headers } : null
  const mints = given === null || !demands.more
  let minted = mints ? (await mint(route, info, options, demands))?.credential : null
  const hasStranger = probes.some(({ requests }) => requests.some(({ as }) => as === 'stranger'))
  const stranger = hasStranger ? (await mint(route, info, options, 'stranger'))?.credential : null
  // Where addresses are told apart, the one that the policies were told of is used throughout.
  const shaping = route.policies.find(
    (policy) =>
      policy.name !== name &&
      policy.mode === 'enforce' &&
      findPolicy(policy.name).shapesAnswers?.(policy.options) === true,
  )
  const fixed = route.policies.some((policy) => policy.name === 'ip-access')
  try {
    const set: ProbeSet = {
      route: route.id,
      policy: name,
      credential: minted ?? given,
      stranger: stranger ?? null,
      byCertificate: route.policies.some((one) => one.name === 'mtls'),
      authenticated: route.authenticated,
      shapedBy: shaping?.name ?? null,
      contentCodes: listContentCodes(route, name),
      renew: async () => {
        await minted?.revoke()
        minted = mints ? (await mint(route, info, options, demands))?.credential : null
        return minted ?? given
      },
      host: route.hosts[0]?.replace(/^\*\./, 'probe.') ?? null,
      from: () => (fixed ? addresses.known : addresses.fresh()),
      probes,
    }
    return await runProbes([set], deployment)
  } finally {
    await minted?.revoke()
    await stranger?.revoke()
  }
}

const nothing: ReadonlySet<string> = new Set()

/** What other policies answer that ask something of what requests hold. Faults are nobody's excuse. */
function listContentCodes(route: RouteSpec, policyName: string): ReadonlySet<string> {
  const publicOf = (name: string) => Object.values(findPolicy(name).codes).map((code) => code.public)
  const own = new Set(publicOf(policyName))
  const others = route.policies.filter(({ name, mode }) => name !== policyName && mode === 'enforce')
  const asking = others.filter(({ name }) => findPolicy(name).sample !== undefined)
  const codes = asking.flatMap(({ name }) => publicOf(name))
  return new Set(codes.filter((code) => !own.has(code) && publicProblems[code].status < 500))
}

interface Addresses {
  /** The address that the deployment sees the prober under; null where that cannot be known. */
  readonly known: string | null
  /** An address that has used nothing up yet; null where there is only one. */
  fresh(): string | null
}

/** On loopback, Linux lets a program send from any address of 127.0.0.0/8. */
function createAddresses(deployment: Deployment): Addresses {
  if (!isLoopback(deployment)) return { known: null, fresh: () => null }
  if (process.platform !== 'linux') return { known: '127.0.0.1', fresh: () => null }
  let next = randomInt(1 << 22)
  return {
    known: '127.0.0.1',
    fresh: () => {
      next++
      return `127.${1 + ((next >> 16) & 127)}.${(next >> 8) & 255}.${1 + (next & 127)}`
    },
  }
}

/** By which policy the caller of each route is known: where several could make its credential, the first that does. */
async function findCallers(
  routes: readonly RouteSpec[],
  options: ProveOptions,
): Promise<ReadonlyMap<RouteSpec, string | null>> {
  const callers = new Map<RouteSpec, string | null>()
  for (const route of routes) {
    const able = route.policies.filter(({ name }) => findPolicy(name).mint !== undefined)
    if (able.length < 2) {
      callers.set(route, able[0]?.name ?? null)
      continue
    }
    const info = toRouteInfo(route)
    const minted = await mint(route, info, options, demandsOf(route, info, options))
    await minted?.credential.revoke()
    callers.set(route, minted?.policy ?? null)
  }
  return callers
}

interface Minted {
  readonly policy: string
  readonly credential: MintedCredential
}

/** By the first credential policy of the route that can make one. */
async function mint(
  route: RouteSpec,
  info: RouteInfo,
  options: ProveOptions,
  demands: Demands | 'stranger',
): Promise<Minted | null> {
  const request = {
    ...(demands === 'stranger' ? { roles: [], scopes: [], stranger: true as const } : demands),
    lifetimeSeconds: credentialSeconds,
    key: (name: string) => options.keys?.get(name) ?? null,
  }
  for (const resolved of route.policies) {
    const policy = findPolicy(resolved.name)
    if (policy.mint === undefined) continue
    const deps = createProbeDeps(resolved.mode, resolved.origin, info, options)
    const credential = await policy.mint(resolved.options, request, deps)
    if (credential !== null) return { policy: policy.name, credential }
  }
  return null
}

/** What the authorization policies of a route ask for: every role and scope that any of them names. */
function demandsOf(route: RouteSpec, info: RouteInfo, { snapshot }: ProveOptions): Demands {
  const context = { route: info, block: <T>(key: string) => snapshot.blocks[key] as T }
  const roles = new Set<string>()
  const scopes = new Set<string>()
  let more = false
  let tenant: string | undefined
  let assurance: string | null | undefined
  for (const { name, options } of route.policies) {
    const demands = findPolicy(name).demands?.(options, context)
    for (const role of demands?.roles ?? []) roles.add(role)
    for (const scope of demands?.scopes ?? []) scopes.add(scope)
    more ||= demands?.more === true
    tenant ??= demands?.tenant
    assurance = demands?.assurance ?? assurance ?? demands?.assurance
  }
  return {
    roles: [...roles],
    scopes: [...scopes],
    ...(more && { more }),
    ...(tenant !== undefined && { tenant }),
    ...(assurance !== undefined && { assurance }),
  }
}

function createProbeDeps(
  mode: PolicyDeps['mode'],
  origin: PolicyDeps['origin'],
  route: RouteInfo,
  { snapshot, provide, log }: ProveOptions,
): PolicyDeps {
  const shared = new Map<string, object>()
  return {
    route,
    origin,
    mode,
    now: Date.now,
    block: <T>(key: string) => snapshot.blocks[key] as T,
    secret: (reference) => readSecret(reference, snapshot.baseFolder),
    shared: <T extends object>(key: string, make: () => T): T => {
      if (!shared.has(key)) shared.set(key, make())
      return shared.get(key) as T
    },
    slot: <T>() => createSlot<T>(0),
    provide,
    log,
    meter: silentMeter,
  }
}

function findPolicy(name: string): AnyPolicy {
  const policy = policies.find((known) => known.name === name)
  if (policy === undefined) throw new Error(`there is no policy "${name}"`)
  return policy
}

function isLoopback({ https, http }: Deployment): boolean {
  const host = (https ?? http)?.url.hostname ?? ''
  return host === 'localhost' || host.startsWith('127.')
}

async function readDevCertificate({ listen, dataFolder }: Snapshot): Promise<string | null> {
  if (listen.https?.certificates !== 'dev') return null
  const pem = await readFile(join(dataFolder, 'dev-certificate.pem'), 'utf8').catch(() => null)
  return pem === null ? null : (/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(pem)?.[0] ?? null)
}
