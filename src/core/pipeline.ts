import type { Answer } from './answer.ts'
import { type Decision, type Next, next, type Refusal, refuse } from './decision.ts'
import type { Exchange, Outcome } from './exchange.ts'
import { createIdentifyStep } from './identify.ts'
import type { BodyHook, DoneHook, ForwardHook, Hooks, RequestHook, RespondHook } from './policy.ts'
import { createProblemAnswer, type ProblemTable } from './problem.ts'
import { requireProof } from './require-proof.ts'
import { requestStages, type Stage } from './stages.ts'
import type { PolicyLog } from './telemetry.ts'

/** One policy with its hooks on one route. Instances come in the order of the registry. */
export interface PolicyInstance {
  readonly policy: string
  readonly hooks: Hooks
  /** Observe mode: count and log what would have been refused, refuse nothing. */
  readonly observe: boolean
}

/** One decision in the compiled order; `explain` walks these. */
export interface Step {
  readonly stage: Stage
  /** Null for the core's own steps (identification, collecting the body). */
  readonly policy: string | null
  readonly observe: boolean
  readonly run: RequestHook | ForwardHook
  /** True for reading the body: the carrier, not the hook timeout, bounds how long a client may take. */
  readonly waitsForClient?: boolean
  readonly explain?: Hooks['explain']
}

export interface PipelineOptions {
  readonly instances: readonly PolicyInstance[]
  /** Whether a route asks for a principal. */
  readonly authenticated: boolean
  readonly slotCount: number
  readonly problems: ProblemTable
  readonly log: PolicyLog
  /** How long one asynchronous hook may take, in milliseconds. */
  readonly hookTimeoutMs: number
  /** The most of a body that is held for policies that read it whole, in bytes. */
  readonly maxBufferedBytes: number
  /** Called for each refusal that observe mode let pass, and for each fault of a hook. */
  readonly onObserved?: (exchange: Exchange, policy: string, code: string) => void
}

interface RespondStep {
  readonly policy: string
  readonly observe: boolean
  readonly run: RespondHook
}

/** A route's policies, ordered and compiled once. Running one allocates nothing unless a hook is asynchronous. */
export class Pipeline {
  readonly steps: readonly Step[]
  readonly slotCount: number
  readonly problems: ProblemTable
  /** JSON pointers to what no log may show of bodies. */
  readonly hides: readonly string[]
  /** What cuts out of a text what no log may show, one for each policy that does. */
  readonly hidesText: readonly ((text: string) => string)[]
  readonly #answerNeeds: readonly NonNullable<Hooks['needsAnswer']>[]
  readonly #respond: readonly RespondStep[]
  readonly #done: readonly { policy: string; run: DoneHook }[]
  readonly #options: PipelineOptions
  readonly #challenges: readonly string[]

  constructor(options: PipelineOptions) {
    this.#options = options
    this.slotCount = options.slotCount
    this.problems = options.problems
    this.steps = compileSteps(options)
    this.#respond = options.instances.flatMap(({ policy, observe, hooks }) =>
      hooks.respond === undefined ? [] : [{ policy, observe, run: hooks.respond }],
    )
    this.#done = options.instances.flatMap(({ policy, hooks }) =>
      hooks.done === undefined ? [] : [{ policy, run: hooks.done }],
    )
    this.#answerNeeds = options.instances.flatMap(({ hooks: { responseBody, needsAnswer } }) =>
      responseBody === 'buffer' ? (needsAnswer ?? (() => true)) : [],
    )
    this.hides = options.instances.flatMap(({ hooks }) => hooks.hides ?? [])
    this.hidesText = options.instances.flatMap(({ hooks }) => hooks.hidesText ?? [])
    this.#challenges = [...new Set(options.instances.flatMap(({ hooks }) => hooks.challenge ?? []))]
  }

  /** Whether a policy reads the answer with this head whole. Never throws: a fault holds it, and its policy refuses. */
  holdsAnswer(exchange: Exchange, answer: Answer): boolean {
    try {
      return this.#answerNeeds.length > 0 && this.#answerNeeds.some((need) => need(exchange, answer))
    } catch (error) {
      this.#fault(exchange, null, error)
      return true
    }
  }

  /** Runs the request stages. Never throws and never rejects: a fault or a timeout refuses. */
  decide(exchange: Exchange): Decision | Promise<Decision> {
    return this.#run(exchange, 0)
  }

  #run(exchange: Exchange, start: number): Decision | Promise<Decision> {
    const steps = this.steps
    for (let i = start; i < steps.length; i++) {
      const step = steps[i] as Step
      let decision: Decision | Promise<Decision>
      try {
        decision = step.run(exchange)
      } catch (error) {
        decision = this.#fault(exchange, step.policy, error)
      }
      if (decision === next) continue
      if (decision instanceof Promise) return this.#resume(exchange, i, decision)
      decision = this.#settle(exchange, step, decision)
      if (decision !== next) return decision
    }
    return next
  }

  async #resume(exchange: Exchange, at: number, pending: Promise<Decision>): Promise<Decision> {
    const step = this.steps[at] as Step
    let decision: Decision
    try {
      decision = await withTimeout(pending, step.waitsForClient ? null : this.#options.hookTimeoutMs)
    } catch (error) {
      decision = this.#fault(exchange, step.policy, error)
    }
    decision = this.#settle(exchange, step, decision)
    return decision === next ? this.#run(exchange, at + 1) : decision
  }

  #settle(exchange: Exchange, step: Step, decision: Decision): Decision {
    // Types forbid `undefined`; JavaScript does not, and it must never count as an admission.
    switch (decision?.kind) {
      case 'next':
        return next
      case 'reply':
        exchange.decidedBy ??= step.policy
        return decision
      case 'refuse':
        if (step.observe && step.policy !== null) return this.observe(exchange, step.policy, decision)
        exchange.decidedBy ??= step.policy
        return decision
      default:
        return this.#fault(exchange, step.policy, new TypeError(`a hook returned ${JSON.stringify(decision)}`))
    }
  }

  /** Records what observe mode let pass; called by policies too, for what they find outside a hook (a body's inspector). */
  observe(exchange: Exchange, policy: string, refusal: Refusal): Decision {
    exchange.observed ??= []
    exchange.observed.push({ policy, code: refusal.code })
    this.#options.onObserved?.(exchange, policy, refusal.code)
    return next
  }

  #fault(exchange: Exchange, policy: string | null, error: unknown): Refusal {
    exchange.fault = error
    if (error instanceof HookTimeout) return refuse('policy_timeout', `${policy ?? 'core'}: ${error.message}`)
    this.#options.log.error('policy_fault', { requestId: exchange.id, policy, error })
    return refuse('policy_fault', `${policy ?? 'core'} threw`)
  }

  /** Whether the caller's credential would be accepted now. Never rejects: what cannot be asked does not hold. */
  async stillHolds(exchange: Exchange): Promise<boolean> {
    const name = exchange.principal?.credential.policy
    const hooks = this.#credentialHooks(name)
    if (hooks?.stillHolds === undefined) return true
    try {
      return (await withTimeout(Promise.resolve(hooks.stillHolds(exchange)), this.#options.hookTimeoutMs)) === true
    } catch (error) {
      this.#fault(exchange, name ?? null, error)
      return false
    }
  }

  /** How often that is to be asked though nothing was revoked, in milliseconds; null where it need not. */
  recheckMs(exchange: Exchange): number | null {
    return this.#credentialHooks(exchange.principal?.credential.policy)?.recheckMs ?? null
  }

  #credentialHooks(name: string | undefined): Hooks | undefined {
    return this.#options.instances.find(({ policy }) => policy === name)?.hooks
  }

  /** The problem that a refusal is answered with. */
  problem(exchange: Exchange, refusal: Refusal): Answer {
    const answer = createProblemAnswer(exchange, refusal, this.problems)
    // A refusal that brings its own challenge says more than the standing ones (RFC 6750 section 3).
    if (answer.status === 401 && !answer.headers.has('www-authenticate')) {
      for (const value of this.#challenges) answer.headers.append('www-authenticate', value)
    }
    return answer
  }

  /**
   * Runs the `respond` hooks and returns the answer to send: the given one, or a problem where a hook refused or
   * threw. Hooks run on that problem too; one that fails again is passed over, so this never recurses.
   */
  respond(exchange: Exchange, answer: Answer): Answer | Promise<Answer> {
    return this.#respondFrom(exchange, answer, 0, false)
  }

  #respondFrom(exchange: Exchange, answer: Answer, start: number, replaced: boolean): Answer | Promise<Answer> {
    for (let i = start; i < this.#respond.length; i++) {
      const step = this.#respond[i] as RespondStep
      let decision: Decision | Promise<Decision>
      try {
        decision = step.run(exchange, answer)
      } catch (error) {
        decision = this.#fault(exchange, step.policy, error)
      }
      if (decision === next) continue
      if (decision instanceof Promise) return this.#respondLater(exchange, answer, i, replaced, decision)
      const refusal = this.#refusalOf(exchange, step, decision)
      if (refusal !== null && !replaced) return this.#replace(exchange, step, refusal)
    }
    return answer
  }

  async #respondLater(
    exchange: Exchange,
    answer: Answer,
    at: number,
    replaced: boolean,
    pending: Promise<Decision>,
  ): Promise<Answer> {
    const step = this.#respond[at] as RespondStep
    let decision: Decision
    try {
      decision = await withTimeout(pending, this.#options.hookTimeoutMs)
    } catch (error) {
      decision = this.#fault(exchange, step.policy, error)
    }
    const refusal = this.#refusalOf(exchange, step, decision)
    if (refusal !== null && !replaced) return this.#replace(exchange, step, refusal)
    return this.#respondFrom(exchange, answer, at + 1, replaced)
  }

  #refusalOf(exchange: Exchange, step: RespondStep, decision: Decision): Refusal | null {
    if (decision?.kind === 'next') return null
    if (decision?.kind !== 'refuse') {
      return this.#fault(exchange, step.policy, new TypeError(`a respond hook returned ${JSON.stringify(decision)}`))
    }
    if (!step.observe) return decision
    this.observe(exchange, step.policy, decision)
    return null
  }

  #replace(exchange: Exchange, step: RespondStep, refusal: Refusal): Answer | Promise<Answer> {
    exchange.refusal = refusal
    exchange.decidedBy = step.policy
    return this.#respondFrom(exchange, this.problem(exchange, refusal), 0, true)
  }

  /** Runs the `done` hooks; `settle` in `flow.ts` sees to it that this happens once. */
  done(exchange: Exchange, outcome: Outcome): void {
    for (const { policy, run } of this.#done) {
      try {
        run(exchange, outcome)
      } catch (error) {
        this.#fault(exchange, policy, error)
      }
    }
  }
}

class HookTimeout extends Error {}

/** Rejects when `pending` takes longer. A `null` limit waits as long as the carrier does. */
function withTimeout<T>(pending: Promise<T>, limitMs: number | null): Promise<T> {
  if (limitMs === null) return pending
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new HookTimeout(`no decision within ${limitMs} ms`)), limitMs)
    pending.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function compileSteps(options: PipelineOptions): Step[] {
  const { instances } = options
  const steps: Step[] = []
  let collects = false
  for (const stage of requestStages) {
    if (stage === 'authenticate' && options.authenticated) {
      steps.push({ stage, policy: null, observe: false, run: createIdentifyStep(instances) })
    }
    for (const { policy, hooks, observe } of instances) {
      const run = hooks[stage]
      if (run === undefined) continue
      if (hooks.requestBody === 'buffer' && stage !== 'guard' && !collects) {
        collects = true
        steps.push(...createCollectSteps(stage, options.maxBufferedBytes, instances))
      }
      steps.push({
        stage,
        policy,
        observe,
        run,
        ...(hooks.waitsForBody && { waitsForClient: true }),
        ...(stage === 'authorize' && { explain: hooks.explain }),
      })
    }
    if (stage === 'authenticate' && options.authenticated) {
      steps.push({ stage, policy: null, observe: false, run: requireProof })
    }
  }
  for (const { policy, hooks, observe } of instances) {
    if (hooks.forward !== undefined) steps.push({ stage: 'forward', policy, observe, run: hooks.forward })
  }
  return steps
}

/** Collects the body where a policy needs it, and has every policy judge it that does so, each as itself. */
function createCollectSteps(stage: Stage, maxBytes: number, instances: readonly PolicyInstance[]): Step[] {
  const needs = instances.flatMap(({ hooks: { requestBody, needsBody } }) =>
    requestBody === 'buffer' ? (needsBody ?? (() => true)) : [],
  )
  const isNeeded = (exchange: Exchange) => needs.some((need) => need(exchange))
  const collectWhole = async (exchange: Exchange): Promise<Next | Refusal> => {
    const collected = await exchange.body.collect(maxBytes)
    return 'kind' in collected ? collected : next
  }
  const collect: RequestHook = (exchange) => (isNeeded(exchange) ? collectWhole(exchange) : next)
  const judge = (body: BodyHook, exchange: Exchange): ReturnType<BodyHook> => {
    const { bytes } = exchange.body
    return bytes === null && !isNeeded(exchange) ? next : body(exchange, bytes ?? noBytes)
  }
  const checks = instances.flatMap(({ policy, observe, hooks: { body } }): Step[] =>
    body === undefined ? [] : [{ stage, policy, observe, run: (exchange) => judge(body, exchange) }],
  )
  return [{ stage, policy: null, observe: false, run: collect, waitsForClient: true }, ...checks]
}

const noBytes = new Uint8Array(0)
