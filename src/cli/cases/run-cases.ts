import type { Snapshot } from '../../config/snapshot.ts'
import { type DryRun, type DryRunner, openDryRunner } from '../../runtime/decide.ts'
import { toPrincipal } from '../can/principal.ts'
import { parseClient, parseUrl, toIncoming } from '../explain/parse-request.ts'
import { toIssuer } from '../roles/holder.ts'
import type { FileRoles } from '../roles/surroundings.ts'
import type { TestCase } from './case-file.ts'

export interface CaseResult {
  readonly name: string
  /** `file:line` of the case. */
  readonly place: string
  /** What is not as expected; null where everything is. */
  readonly problem: string | null
  readonly ms: number
}

/** Runs cases through the compiled pipeline, without a store and without sending anything. */
export async function runCases(file: string, cases: readonly TestCase[], snapshot: Snapshot): Promise<CaseResult[]> {
  const runner = await openDryRunner(snapshot, { offline: true })
  try {
    const results: CaseResult[] = []
    for (const one of cases) {
      const startedAt = performance.now()
      const problem = await runCase(one, runner, snapshot).catch((error: Error) => error.message)
      const place = `${file}:${one.position?.line ?? 1}`
      results.push({ name: one.name, place, problem, ms: performance.now() - startedAt })
    }
    return results
  } finally {
    await runner.close()
  }
}

async function runCase(
  { as, request, expect }: TestCase,
  runner: DryRunner,
  snapshot: Snapshot,
): Promise<string | null> {
  const { method, url, headers, body, client } = request
  const incoming = toIncoming(method, parseUrl(url), Object.entries(headers).flat(), parseClient(client))
  const run = await runner.decide({
    incoming,
    ...(as !== undefined && { principal: toCaller(as, snapshot) }),
    ...(body !== undefined && { body: Buffer.from(body) }),
  })
  return compare(run, expect)
}

function toCaller(as: NonNullable<TestCase['as']>, snapshot: Snapshot) {
  const { issuers = {} } = snapshot.blocks as Partial<FileRoles>
  const { issuer, id } = toIssuer({ issuer: as.issuer, id: as.id }, { issuers })
  const { roles: role, scopes: scope, attributes: attribute, tenant, kind } = as
  const service = kind === 'service'
  return toPrincipal(issuer, id, { role, scope, attribute, service, ...(tenant !== undefined && { tenant }) })
}

function compare({ status, steps }: DryRun, expect: TestCase['expect']): string | null {
  const last = steps.findLast(({ decision, observed }) => decision.kind === 'refuse' && !observed)
  const refusal = last?.decision.kind === 'refuse' ? last.decision : null
  const decision = status === null || status < 400 ? 'allow' : 'deny'
  const policy = last?.step.policy ?? 'core'
  const told =
    decision === 'allow' ? 'allow' : `deny (${policy} ${refusal?.code}${refusal?.detail ? `: ${refusal.detail}` : ''})`
  if (decision !== expect.decision) return `expected ${expect.decision}, got ${told}`
  if (expect.policy !== undefined && expect.policy !== policy) return `expected it of ${expect.policy}, got ${told}`
  if (expect.code !== undefined && expect.code !== refusal?.code) return `expected the code ${expect.code}, got ${told}`
  const reasons = [...steps.flatMap((step) => step.reasons), refusal?.detail ?? '']
  if (expect.reason !== undefined && !reasons.some((reason) => reason.includes(expect.reason as string))) {
    return `expected the reason "${expect.reason}", got ${reasons.filter((one) => one !== '').join('; ') || 'none'}`
  }
  return null
}
