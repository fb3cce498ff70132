import type { MintedCredential } from '../core/policy.ts'
import type { Probe, ProbeAnswer, ProbeRequest, ProbeWalk } from '../core/probe.ts'
import { codeOf, describe, judge, proofField } from './judge.ts'
import type { ProbeListener } from './listener.ts'
import type { ProbeResult } from './result.ts'
import { type Origin, type Received, sendRaw, sendRequest } from './send-request.ts'

/** What identifies a caller. */
export type ProbeCredential = Pick<MintedCredential, 'headers' | 'page' | 'sign'>

/** A route's probes of one policy. */
export interface ProbeSet {
  readonly route: string
  readonly policy: string
  /** Of a caller who may use the route; null where none could be made. */
  readonly credential: ProbeCredential | null
  /** Why there is none, where that is known. */
  readonly missing?: string | null
  /** Of a caller without any role or scope; null where none could be made. */
  readonly stranger: ProbeCredential | null
  /** Whether callers of the route are known by a certificate that they show during the handshake. */
  readonly byCertificate: boolean
  /** Whether the route asks for a caller at all. */
  readonly authenticated: boolean
  /** Another policy of the route that refuses answers which are not as it asks, so that none can be made up; or null. */
  readonly shapedBy: string | null
  /** Public codes of policies that judge what a request holds, and that are none of this policy's own. */
  readonly contentCodes: ReadonlySet<string>
  /** Makes `credential` anew once it has ended; null where it does not end by itself. */
  readonly renew: (() => Promise<ProbeCredential | null>) | null
  /** The host to name where the route answers for some hosts only. */
  readonly host: string | null
  /**
   * The local address that a probe is sent from, null for the system's choice: limits that count by address do not
   * mistake one probe for another then.
   */
  readonly from: (probe: Pick<Probe, 'name'>) => string | null
  readonly probes: readonly Probe[]
  readonly walks?: readonly ProbeWalk[]
}

export interface Deployment {
  readonly https: Origin | null
  readonly http: Origin | null
  /** Signs the field that keeps a probe from the upstream; null where the deployment's key is not at hand. */
  readonly sign: ((method: string, path: string, answer?: ProbeAnswer) => string) | null
  /** Connections without a certificate are ended, whatever they would ask for. */
  readonly requiresCertificate?: boolean
  /** The certificate of a caller, PEM; absent where there is none. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** How long a probe waits for a limit that earlier probes have used up, in seconds. */
const patienceSeconds = 70

/** Runs probes one after the other: limits and bans count, so their order is part of the result. */
export async function runProbes(
  sets: readonly ProbeSet[],
  deployment: Deployment,
  listener: ProbeListener = silent,
): Promise<ProbeResult[]> {
  const results: ProbeResult[] = []
  const run = async (set: ProbeSet, probe: string, go: () => Promise<ProbeResult>) => {
    listener.tries({ route: set.route, policy: set.policy, probe })
    const result = await go()
    results.push(result)
    listener.found(result)
  }
  for (const set of sets) {
    const caller = new Caller(set, listener)
    for (const probe of set.probes) await run(set, probe.name, () => runProbe(set, caller, probe, deployment))
    for (const walk of set.walks ?? []) await run(set, walk.name, () => runWalk(set, walk, deployment))
  }
  return results
}

const silent: ProbeListener = { tries() {}, waits() {}, found() {} }

/** The credential of a set's caller, which is shorter lived than some limits. */
class Caller {
  credential: ProbeCredential | null
  readonly #renew: ProbeSet['renew']
  readonly #listener: ProbeListener

  constructor({ credential, renew }: ProbeSet, listener: ProbeListener) {
    this.credential = credential
    this.#renew = renew
    this.#listener = listener
  }

  async wait(seconds: number): Promise<void> {
    this.#listener.waits(seconds)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    if (this.#renew !== null) this.credential = await this.#renew()
  }
}

async function runProbe(given: ProbeSet, caller: Caller, probe: Probe, deployment: Deployment): Promise<ProbeResult> {
  let set = { ...given, credential: caller.credential }
  const base = {
    route: set.route,
    policy: set.policy,
    probe: probe.name,
    kind: probe.kind,
    standard: probe.standard ?? null,
    expected: describeExpected(probe),
  }
  const missing = findMissing(set, probe, deployment)
  if (missing !== null) return { ...base, got: '', verdict: 'skip', reason: missing }
  const from = set.from(probe)
  let received = await sendAll(set, probe, deployment, from)
  const waitSeconds = secondsToWait(probe, received)
  if (waitSeconds !== null) {
    await caller.wait(waitSeconds)
    set = { ...given, credential: caller.credential }
    received = await sendAll(set, probe, deployment, from)
  }
  const problems = received.map((answer) => judge(answer, probe.expect))
  const { judge: which = 'last' } = probe.expect
  const at =
    which === 'last'
      ? problems.length - 1
      : which === 'every'
        ? problems.findIndex((p) => p !== null)
        : problems.indexOf(null)
  const judged =
    at === -1 ? (which === 'every' ? null : (problems.at(-1) ?? 'nothing was sent')) : (problems[at] ?? null)
  const shown = received[at === -1 ? received.length - 1 : at]
  const foreign = judged !== null && shown !== undefined ? refusedBefore(set, shown) : null
  if (foreign !== null) return { ...base, got: describe(shown as Received), verdict: 'skip', reason: foreign }
  return {
    ...base,
    got: shown === undefined ? '' : describe(shown),
    verdict: judged === null ? 'pass' : 'fail',
    reason: judged,
  }
}

async function runWalk(set: ProbeSet, walk: ProbeWalk, deployment: Deployment): Promise<ProbeResult> {
  const from = set.from(walk)
  const { name: probe, kind, standard = null, expected } = walk
  const base = { route: set.route, policy: set.policy, probe, kind, standard, expected }
  const result = await walk.walk(async (request) => {
    const received = await send(set, request, deployment, from)
    if (received.kind === 'closed') return null
    return { status: received.status, headers: toLists(received.headers), body: received.body }
  })
  if (result.kind === 'right') return { ...base, got: expected, verdict: 'pass', reason: null }
  const verdict = result.kind === 'wrong' ? 'fail' : 'skip'
  return { ...base, got: verdict === 'fail' ? result.reason : '', verdict, reason: result.reason }
}

function toLists(flat: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, string[]>()
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase()
    lists.set(name, [...(lists.get(name) ?? []), flat[i + 1] as string])
  }
  return lists
}

/** In words, where another policy of the route found something first, so that this one was not asked. */
function refusedBefore({ contentCodes }: ProbeSet, received: Received): string | null {
  const code = codeOf(received)
  return code !== null && contentCodes.has(code) ? `another policy of the route refused it first (${code})` : null
}

async function sendAll(set: ProbeSet, probe: Probe, deployment: Deployment, from: string | null): Promise<Received[]> {
  const received: Received[] = []
  for (const request of probe.requests) {
    for (let i = 0; i < (request.times ?? 1); i++) received.push(await send(set, request, deployment, from))
  }
  return received
}

/** A probe that is no attack on a limit, yet was answered 429, waits until it would be admitted, and is tried again. */
function secondsToWait({ expect }: Probe, received: readonly Received[]): number | null {
  const expected = expect.status?.includes(429) === true || expect.problem?.includes('rate_limited') === true
  const limited = received.find((answer) => answer.kind === 'answer' && answer.status === 429)
  if (expected || limited === undefined || limited.kind !== 'answer') return null
  const at = limited.headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'retry-after')
  const seconds = at === -1 ? Number.NaN : Number(limited.headers[at + 1])
  return seconds <= patienceSeconds ? seconds : null
}

function findMissing(set: ProbeSet, probe: Probe, deployment: Deployment): string | null {
  for (const request of probe.requests) {
    if (set.authenticated && request.raw === undefined) {
      if (request.as === 'stranger' && set.stranger === null) return 'no credential without rights could be made here'
      if (request.as === undefined || request.as === 'caller') {
        if (set.credential === null && !bringsCertificate(set, deployment)) {
          if (set.byCertificate) return 'no certificate of a caller: pass one with --client-cert and --client-key'
          if (set.missing) return `no credential for this route: ${set.missing}`
          return 'no credential for this route: pass one with --header, or the private key that makes one with --key'
        }
      }
    }
    if (deployment.sign === null && !request.toEndpoint && !safeMethods.has(request.method)) {
      return 'an unsafe method is only sent with the deployment’s key: run prove beside its data folder'
    }
    if (deployment.sign === null && request.answer !== undefined) {
      return 'answers are only made up with the deployment’s key: run prove beside its data folder'
    }
    if (request.answer !== undefined && set.shapedBy !== null && probe.expect.outcome === 'passed') {
      return `what answers may look like here is up to ${set.shapedBy}`
    }
    if (request.clear === true && deployment.http === null) return 'no plain HTTP listener'
    if (request.clear !== true && deployment.https === null && deployment.http === null) return 'no listener'
  }
  return null
}

/** Whether a client certificate is all that a caller needs. */
function bringsCertificate({ byCertificate }: ProbeSet, { clientCertificate }: Deployment): boolean {
  return byCertificate && clientCertificate !== undefined
}

function send(set: ProbeSet, request: ProbeRequest, deployment: Deployment, from: string | null): Promise<Received> {
  const address = (request.clear === true ? deployment.http : (deployment.https ?? deployment.http)) as Origin
  const isCaller = request.as === undefined || request.as === 'caller'
  const shows = isCaller || (deployment.requiresCertificate === true && !set.byCertificate)
  const own = shows ? deployment.clientCertificate : undefined
  const origin = { ...address, clientCertificate: request.clientCertificate ?? own }
  if (request.raw !== undefined) return sendRaw(origin, request.raw.replaceAll('{host}', origin.url.host), from)
  const given = request.headers ?? []
  const names = new Set(given.map(([name]) => name.toLowerCase()))
  const credential = credentialFor(set, request)
  const adds = [...(credential?.headers ?? []), ...(request.bare ? [] : (credential?.page ?? []))]
  const headers = [...given, ...adds.filter(([name]) => !names.has(name.toLowerCase()))]
  if (set.host !== null && !names.has('host')) headers.push(['host', set.host])
  if (deployment.sign !== null && !request.toEndpoint && !names.has(proofField)) {
    headers.push([proofField, deployment.sign(request.method, request.path, request.answer)])
  }
  const { method, path, query = '' } = request
  const body = toBytes(request.body)
  if (credential?.sign !== undefined) {
    const host = (headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? origin.url.host).toLowerCase()
    const scheme = origin.url.protocol === 'https:' ? 'https' : 'http'
    const signed = credential.sign({ method, scheme, host, path, query, headers, body })
    headers.push(...signed.filter(([name]) => !names.has(name)))
  }
  const target = request.query === undefined ? path : `${path}?${query}`
  return sendRequest(origin, { method, target, headers, body, from })
}

function credentialFor(set: ProbeSet, { as }: ProbeRequest): ProbeCredential | null {
  if (as === 'none') return null
  return as === 'stranger' ? set.stranger : set.credential
}

function toBytes(body: ProbeRequest['body']): Uint8Array | null {
  if (body === undefined) return null
  if (typeof body === 'string') return Buffer.from(body)
  return body instanceof Uint8Array ? body : Buffer.alloc(body.fillerBytes, 'x')
}

function describeExpected({ expect }: Probe): string {
  const parts: string[] = []
  if (expect.outcome !== undefined) parts.push(expect.outcome)
  if (expect.status !== undefined) parts.push(expect.status.join(' or '))
  if (expect.problem !== undefined) parts.push(expect.problem.join(' or '))
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    parts.push(wanted === null ? `no ${name}` : `${name} ${wanted instanceof RegExp ? wanted.source : wanted}`)
  }
  for (const text of expect.body?.includes ?? []) parts.push(`body with ${text}`)
  for (const text of expect.body?.excludes ?? []) parts.push(`body without ${text}`)
  return parts.join(', ')
}
