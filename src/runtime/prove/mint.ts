import type { ResolvedPolicy, RouteSpec } from '../../config/snapshot.ts'
import { createSlot, type RouteInfo } from '../../core/exchange.ts'
import type { Demands, MintedCredential, MintRequest, PolicyDeps, Unminted } from '../../core/policy.ts'
import { silentMeter } from '../../core/telemetry.ts'
import { toRouteInfo } from '../route-info.ts'
import { readSecret } from '../secrets.ts'
import { findPolicy } from './find-policy.ts'
import type { ProveOptions } from './options.ts'

/** By which policy the caller of each route is known: where several could make its credential, the first that does. */
export async function findCallers(
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
    const made = minted !== null && 'credential' in minted ? minted : null
    await made?.credential.revoke()
    callers.set(route, made?.policy ?? null)
  }
  return callers
}

export interface Minted {
  readonly policy: string
  readonly credential: MintedCredential
}

/** How long a minted credential lives. */
const credentialSeconds = 60

/** By the first credential policy of the route that can make one; else why none could, where that is known. */
export async function mint(
  route: RouteSpec,
  info: RouteInfo,
  options: ProveOptions,
  demands: Demands & Pick<MintRequest, 'stranger'>,
): Promise<Minted | Unminted | null> {
  const request = {
    ...demands,
    lifetimeSeconds: credentialSeconds,
    key: (name: string) => options.keys?.get(name) ?? null,
  }
  let unminted: Unminted | null = null
  for (const resolved of route.policies) {
    const policy = findPolicy(resolved.name)
    if (policy.mint === undefined) continue
    const credential = await policy.mint(resolved.options, request, createProbeDeps(resolved, info, options))
    if (credential === null) continue
    if (!('missing' in credential)) return { policy: policy.name, credential }
    unminted ??= credential
  }
  return unminted
}

/** The credential with what the other policies of the route ask of who comes with it. */
export async function accompany(
  { policy: by, credential }: Minted,
  route: RouteSpec,
  info: RouteInfo,
  options: ProveOptions,
): Promise<MintedCredential> {
  const page = [...(credential.page ?? [])]
  for (const resolved of route.policies) {
    const { accompany: ask } = findPolicy(resolved.name)
    if (ask === undefined) continue
    const deps = createProbeDeps(resolved, info, options)
    page.push(...(await ask(resolved.options, { policy: by, id: credential.id ?? null }, deps)))
  }
  return { ...credential, page }
}

/** Of a caller that lacks what one policy asks for, and nothing that the others of the route do. */
export function strangerTo(policy: string, route: RouteSpec, info: RouteInfo, options: ProveOptions) {
  const of = (policies: RouteSpec['policies']) => demandsOf({ ...route, policies }, info, options)
  const lacked = of(route.policies.filter(({ name }) => name === policy))
  const others = of(route.policies.filter(({ name }) => name !== policy))
  return {
    ...others,
    roles: others.roles.filter((role) => !lacked.roles.includes(role)),
    scopes: others.scopes.filter((scope) => !lacked.scopes.includes(scope)),
    stranger: true as const,
  }
}

/** What the authorization policies of a route ask for: every role and scope that any of them names. */
export function demandsOf(route: RouteSpec, info: RouteInfo, { snapshot }: ProveOptions): Demands {
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
  { mode, origin }: ResolvedPolicy,
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
