import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import type { Answer } from '../core/answer.ts'
import { createEmptyBody } from '../core/body.ts'
import type { Decision } from '../core/decision.ts'
import { type Carrier, Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import type { Step } from '../core/pipeline.ts'
import { createProvide } from '../core/ports.ts'
import type { Principal } from '../core/principal.ts'
import { redactorPort, silentLog, silentMeter } from '../core/telemetry.ts'
import { type Incoming, receive } from '../gateway/receive.ts'
import { redactText } from '../observe/redact.ts'
import { isSecretName, isSecretParameter } from '../observe/secret-names.ts'
import { outboundPort } from '../outbound/outbound.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { policies } from '../policies/index.ts'
import { allocateRateMemory } from '../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../stores/counters/shared-rate-table.ts'
import { openStoreReader } from '../stores/open-store.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import { dataFolderPort } from '../stores/ports/data-folder.ts'
import { keyStorePort, keyUseRecorderPort, type Spending } from '../stores/ports/key-store.ts'
import { localRateTable, rateTable } from '../stores/ports/rate-table.ts'
import { compileSnapshot, type LiveSnapshot } from './compile.ts'
import type { Environment } from './environment.ts'
import { SharedState } from './shared-state.ts'
import type { CallStore } from './store-calls.ts'
import { resolveStoreLocation } from './store-location.ts'
import { callPorts, readPorts } from './store-ports.ts'

/** What one step decided. */
export interface StepDecision {
  readonly step: Pick<Step, 'stage' | 'policy'>
  readonly decision: Decision
  /** Observe mode let a refusal pass. */
  readonly observed: boolean
}

export interface DryRun {
  readonly steps: readonly StepDecision[]
  /** The status of the answer; null where the request would be forwarded. */
  readonly status: number | null
  readonly principal: Principal | null
}

/** Enough for one request: limits are counted in memory of this run's own. */
const dryKeys = 64

/**
 * Takes a request through the compiled pipeline of a snapshot without sending anything: stores are read, limits are
 * counted apart from the running deployment's, nothing is recorded and nothing is forwarded.
 */
export async function decide(snapshot: Snapshot, incoming: Incoming): Promise<DryRun> {
  // What policies would generate (keys, say) is generated apart, so that asking leaves nothing behind.
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-explain-'))
  const store = await openStoreReader(await resolveStoreLocation(snapshot))
  const outbound = createOutboundClient()
  const rates = createSharedRateTable(allocateRateMemory(dryKeys))
  const environment: Environment = {
    policies,
    provide: createProvide([
      ...readPorts(store),
      ...callPorts(store.db, refuseCall),
      // Asking spends no uses; whether a key has any left was looked at before.
      [keyStorePort, { spend: async (all: readonly Spending[]) => all.map(({ count }) => count) }],
      [keyUseRecorderPort, { record() {} }],
      [changeEpochPort, { current: () => 0, readable: () => true }],
      [rateTable, rates],
      [localRateTable, rates],
      [outboundPort, outbound],
      [dataFolderPort, { path: folder }],
      [redactorPort, { isSecretName, isSecretParameter, redactText }],
    ]),
    shared: new SharedState(),
    log: silentLog,
    meter: silentMeter,
    now: Date.now,
    record() {},
    httpsPort: () => snapshot.listen.https?.port ?? null,
    proofKey: null,
  }
  try {
    const live = await compileSnapshot(snapshot, environment)
    const run = await walk(live, incoming)
    live.retire()
    return run
  } finally {
    await store.close()
    await outbound.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Asking changes nothing. */
const refuseCall: CallStore = async ({ port, method }) => {
  throw new Error(`explain does not call ${port}.${method}, which might write`)
}

async function walk(live: LiveSnapshot, incoming: Incoming): Promise<DryRun> {
  const { intake, route, params, scheme, end } = receive(incoming, live)
  const exchange = new Exchange({
    id: 'explain',
    method: incoming.method,
    scheme,
    httpVersion: incoming.httpVersion,
    host: intake?.host ?? '',
    path: intake?.target.path ?? '/',
    query: intake?.target.query ?? '',
    headers: intake?.headers ?? new Fields(),
    client: live.client.resolve(incoming.peer, intake?.forwarding ?? new Fields()),
    body: createEmptyBody(),
    route: route.info,
    params,
    pipeline: route.pipeline,
    carrier: silentCarrier,
    receivedAt: Date.now(),
    startedAt: performance.now(),
    upgrade: null,
  })
  const steps: StepDecision[] = []
  for (const step of route.pipeline.steps) {
    const decision = await step.run(exchange)
    const observed = step.observe && decision.kind === 'refuse'
    steps.push({ step, decision, observed })
    if (decision.kind === 'next' || observed) continue
    const status = decision.kind === 'reply' ? decision.status : route.pipeline.problem(exchange, decision).status
    return { steps, status, principal: exchange.principal }
  }
  if (end === null) return { steps, status: null, principal: exchange.principal }
  const status = end.kind === 'reply' ? end.status : route.pipeline.problem(exchange, end).status
  steps.push({ step: { stage: 'forward', policy: null }, decision: end, observed: false })
  return { steps, status, principal: exchange.principal }
}

const silentCarrier: Carrier = {
  forward() {},
  clientCertificate: () => null,
  send(_exchange: Exchange, _answer: Answer) {},
  abort() {},
}
