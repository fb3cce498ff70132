import type { AnyPolicy } from '../../src/core/policy.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../src/core/probe.ts'
import { publicProblems } from '../../src/core/problems.ts'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestPipeline,
  type TestRequest,
  type TestResult,
} from './exchange.ts'

export interface ProbeRun {
  readonly policy: AnyPolicy
  readonly options?: unknown
  /** False: the policy is switched off behind the prober's back. */
  readonly enforced: boolean
  readonly method?: string
  readonly address?: string | null
  /** What the rest of the route looks like: client, upstream, further policies' deps. */
  readonly request?: Omit<TestRequest, 'policies' | 'pipeline'>
}

export interface ProbeVerdict {
  readonly name: string
  readonly kind: Probe['kind']
  /** Null when the probe passed, else what was wrong. */
  readonly failure: string | null
}

/** Runs a policy's probes against a route that has, or lacks, the policy. */
export async function runProbes(run: ProbeRun): Promise<ProbeVerdict[]> {
  const { policy, method = 'GET' } = run
  const policies = run.enforced ? [{ policy, options: run.options }] : []
  const pipeline = await createTestPipeline(policies, run.request?.route, run.request)
  const target: ProbeTarget = {
    route: pipeline.route,
    path: run.request?.path ?? '/orders',
    method,
    observe: false,
    address: run.address ?? null,
  }
  const verdicts: ProbeVerdict[] = []
  for (const probe of policy.probes(parseTestOptions(policy, run.options), target)) {
    verdicts.push({ name: probe.name, kind: probe.kind, failure: await judge(probe, run, pipeline) })
  }
  return verdicts
}

async function judge(probe: Probe, run: ProbeRun, pipeline: TestPipeline): Promise<string | null> {
  const failures: (string | null)[] = []
  for (const request of probe.requests) {
    for (let i = 0; i < (request.times ?? 1); i++) {
      const result = await runTestExchange({ ...run.request, ...toTestRequest(request), pipeline })
      failures.push(compare(probe, result))
    }
  }
  switch (probe.expect.judge ?? 'last') {
    case 'last':
      return failures.at(-1) ?? null
    case 'every':
      return failures.find((failure) => failure !== null) ?? null
    case 'any':
      return failures.includes(null) ? null : (failures[0] ?? null)
  }
}

function toTestRequest(request: ProbeRequest): TestRequest {
  if (request.raw !== undefined) throw new Error('raw probes need a real connection')
  const { body } = request
  return {
    method: request.method,
    path: request.path,
    query: request.query ?? '',
    headers: request.headers ?? [],
    scheme: request.clear ? 'http' : 'https',
    body: body === undefined ? null : isFiller(body) ? Buffer.alloc(body.fillerBytes, 'x') : body,
    ...(request.answer !== undefined && { upstream: { ...request.answer, headers: request.answer.headers ?? [] } }),
  }
}

function isFiller(body: NonNullable<ProbeRequest['body']>): body is { readonly fillerBytes: number } {
  return typeof body === 'object' && 'fillerBytes' in body
}

function compare({ expect }: Probe, result: TestResult): string | null {
  const outcome = result.forwarded && result.code === null ? 'passed' : 'refused'
  if (expect.outcome !== undefined && expect.outcome !== outcome) return `${outcome}, not ${expect.outcome}`
  if (expect.status !== undefined && !expect.status.includes(result.status)) return `status ${result.status}`
  if (expect.problem !== undefined) {
    const types = expect.problem.map((code) => `urn:problem-type:${code.replaceAll('_', '-')}`)
    const statuses: readonly number[] = expect.problem.map((code) => publicProblems[code].status)
    const type = result.body.startsWith('{') ? (JSON.parse(result.body) as { type?: string }).type : undefined
    if (!statuses.includes(result.status) || !types.includes(type ?? ''))
      return `${result.status} ${type ?? 'no problem'}`
  }
  const { includes = [], excludes = [] } = expect.body ?? {}
  for (const text of includes) if (!result.body.includes(text)) return `the body has no ${text}`
  for (const text of excludes) if (result.body.includes(text)) return `the body shows ${text}`
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const value = result.headers.all(name).join(', ')
    const present = result.headers.has(name)
    const matches = wanted === null ? !present : typeof wanted === 'string' ? value === wanted : wanted.test(value)
    if (!matches) return `${name}: ${present ? value : 'absent'}`
  }
  return null
}
