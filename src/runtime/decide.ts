import type { Snapshot } from '../config/snapshot.ts'
import type { Answer } from '../core/answer.ts'
import type { Decision } from '../core/decision.ts'
import { type Carrier, Exchange } from '../core/exchange.ts'
import { Fields } from '../core/fields.ts'
import type { Step } from '../core/pipeline.ts'
import type { Principal } from '../core/principal.ts'
import { type Incoming, receive } from '../gateway/receive.ts'
import { compileSnapshot, type LiveSnapshot } from './compile.ts'
import { openDryEnvironment } from './dry-environment.ts'
import { createGivenBody } from './given-body.ts'

/** What one step decided. */
export interface StepDecision {
  readonly step: Pick<Step, 'stage' | 'policy'>
  readonly decision: Decision
  /** Observe mode let a refusal pass. */
  readonly observed: boolean
  /** Why, where the policy can say so. */
  readonly reasons: readonly string[]
}

export interface DryRun {
  readonly route: string
  readonly steps: readonly StepDecision[]
  /** The status of the answer; null where the request would be forwarded. */
  readonly status: number | null
  readonly principal: Principal | null
}

export interface DryRequest {
  readonly incoming: Incoming
  /** Who is calling: takes the place of the credential, and of everything that would be asked about it. */
  readonly principal?: Principal
  readonly body?: Uint8Array
}

export interface DryRunner {
  decide(request: DryRequest): Promise<DryRun>
  close(): Promise<void>
}

export interface DryOptions {
  /** Without the store: as one that holds nothing. */
  readonly offline?: boolean
  readonly now?: () => number
}

/**
 * Takes a request through the compiled pipeline of a snapshot without sending anything: stores are read, limits are
 * counted apart from the running deployment's, nothing is recorded and nothing is forwarded.
 */
export async function decide(snapshot: Snapshot, request: DryRequest): Promise<DryRun> {
  const runner = await openDryRunner(snapshot)
  try {
    return await runner.decide(request)
  } finally {
    await runner.close()
  }
}

/** Compiles once for many requests. */
export async function openDryRunner(snapshot: Snapshot, options: DryOptions = {}): Promise<DryRunner> {
  const { environment, close } = await openDryEnvironment(snapshot, options)
  let live: LiveSnapshot
  try {
    live = await compileSnapshot(snapshot, environment)
  } catch (error) {
    await close()
    throw error
  }
  return {
    decide: (request) => walk(live, request, environment.now()),
    async close() {
      live.retire()
      await close()
    },
  }
}

async function walk(live: LiveSnapshot, { incoming, principal, body }: DryRequest, now: number): Promise<DryRun> {
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
    body: createGivenBody(body),
    route: route.info,
    params,
    pipeline: route.pipeline,
    carrier: silentCarrier,
    receivedAt: now,
    startedAt: performance.now(),
    upgrade: null,
  })
  const steps: StepDecision[] = []
  const finish = (status: number | null): DryRun => ({
    route: route.info.id,
    steps,
    status,
    principal: exchange.principal,
  })
  for (const step of route.pipeline.steps) {
    if (principal !== undefined && step.stage === 'authenticate') {
      if (step.policy === null) exchange.principal = principal
      continue
    }
    const decision = await step.run(exchange)
    const observed = step.observe && decision.kind === 'refuse'
    const reasons = (await step.explain?.(exchange)) ?? []
    steps.push({ step, decision, observed, reasons })
    if (decision.kind === 'next' || observed) continue
    return finish(decision.kind === 'reply' ? decision.status : route.pipeline.problem(exchange, decision).status)
  }
  if (end === null) return finish(null)
  steps.push({ step: { stage: 'forward', policy: null }, decision: end, observed: false, reasons: [] })
  return finish(end.kind === 'reply' ? end.status : route.pipeline.problem(exchange, end).status)
}

const silentCarrier: Carrier = {
  forward() {},
  clientCertificate: () => null,
  send(_exchange: Exchange, _answer: Answer) {},
  abort() {},
}
