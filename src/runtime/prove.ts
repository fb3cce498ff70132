import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identityOwner } from '../config/identity/identity-routes.ts'
import type { ResolvedPolicy, RouteSpec, Snapshot } from '../config/snapshot.ts'
import type { MintedCredential } from '../core/policy.ts'
import type { Probe, ProbeTarget } from '../core/probe.ts'
import { publicProblems } from '../core/problems.ts'
import { type Deployment, type ProbeCredential, type ProbeSet, runProbes } from '../scanner/prober.ts'
import type { ProbeResult } from '../scanner/result.ts'
import { completeProbes } from './complete-probes.ts'
import { signProof } from './proof.ts'
import { type Addresses, createAddresses } from './prove/addresses.ts'
import { findPolicy } from './prove/find-policy.ts'
import { accompany, demandsOf, findCallers, mint, strangerTo } from './prove/mint.ts'
import type { ProveOptions } from './prove/options.ts'
import { proveIdentity } from './prove/prove-identity.ts'
import { proveWalks } from './prove/prove-walks.ts'
import { toRouteInfo } from './route-info.ts'
import { toSamplePath } from './sample-path.ts'
import { proofKeyName } from './services.ts'

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
  let done = 0
  for (const exhausting of [false, true]) {
    for (const { route, policy } of jobs) {
      options.listener?.advances(done++, 2 * jobs.length)
      const all = createProbes(route, policy, options, addresses, callers.get(route) ?? null)
      const probes = all.filter((probe) => isExhausting(probe) === exhausting)
      const shared = `${policy.name} ${JSON.stringify(policy.options)}`
      if (probes.length === 0 || (exhausting && policy.origin !== 'route' && exhausted.has(shared))) continue
      if (exhausting) exhausted.add(shared)
      results.push(...(await proveRoute(route, policy, probes, options, deployment, addresses)))
    }
  }
  options.listener?.advances(done, 2 * jobs.length)
  results.push(...(await proveWalks(options, deployment, addresses)))
  if (options.only?.includes(identityOwner) ?? true)
    results.push(...(await proveIdentity(options, deployment, addresses)))
  return results
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
  const given = toGiven(options)
  const mints = given === null || !demands.more
  let missing: string | null = null
  const make = async (wanted: Parameters<typeof mint>[3]): Promise<MintedCredential | null> => {
    const made = await mint(route, info, options, wanted)
    missing = made !== null && 'missing' in made ? made.missing : null
    return made === null || 'missing' in made ? null : accompany(made, route, info, options)
  }
  let minted = mints ? await make(demands) : null
  const hasStranger = probes.some(({ requests }) => requests.some(({ as }) => as === 'stranger'))
  const stranger = hasStranger ? await make(strangerTo(name, route, info, options)) : null
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
      missing,
      stranger,
      byCertificate: route.policies.some((one) => one.name === 'mtls'),
      authenticated: route.authenticated,
      shapedBy: shaping?.name ?? null,
      contentCodes: listContentCodes(route, name),
      renew: async () => {
        await minted?.revoke()
        minted = mints ? await make(demands) : null
        return minted ?? given
      },
      host: route.hosts[0]?.replace(/^\*\./, 'probe.') ?? null,
      from: () => (fixed ? addresses.known : addresses.fresh()),
      probes,
    }
    return await runProbes([set], deployment, options.listener)
  } finally {
    await minted?.revoke()
    await stranger?.revoke()
  }
}

/** What a browser says of the page that a request comes from is not part of who the caller is. */
function toGiven({ headers }: ProveOptions): ProbeCredential | null {
  const isOfPage = ([name]: readonly [string, string]) => /^(?:sec-fetch-\w+|origin|referer)$/.test(name)
  if (headers.length === 0) return null
  return { headers: headers.filter((field) => !isOfPage(field)), page: headers.filter(isOfPage) }
}

/** What other policies answer that ask something of what requests hold. Faults are nobody's excuse. */
function listContentCodes(route: RouteSpec, policyName: string): ReadonlySet<string> {
  const publicOf = (name: string) => Object.values(findPolicy(name).codes).map((code) => code.public)
  const own = new Set(publicOf(policyName))
  const others = route.policies.filter(({ name, mode }) => name !== policyName && mode === 'enforce')
  const asking = others.filter(({ name }) => findPolicy(name).sample !== undefined)
  const codes = asking.flatMap(({ name }) => publicOf(name))
  return new Set(codes.filter((code) => !own.has(code) && publicProblems[code].status < 500))
}

async function readDevCertificate({ listen, dataFolder }: Snapshot): Promise<string | null> {
  if (listen.https?.certificates !== 'dev') return null
  const pem = await readFile(join(dataFolder, 'dev-certificate.pem'), 'utf8').catch(() => null)
  return pem === null ? null : (/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(pem)?.[0] ?? null)
}
