import { Answer } from './answer.ts'
import type { Refusal } from './decision.ts'
import type { Exchange } from './exchange.ts'
import { Fields } from './fields.ts'
import { coreCodes, type ProblemCode, type ProblemCodes, type PublicCode, publicProblems } from './problems.ts'

/** Every private code that the running system knows, the core's and those of all policies. */
export type ProblemTable = ReadonlyMap<string, ProblemCode>

/** Merges the core's codes with those of policies; throws where two policies give one code two meanings. */
export function createProblemTable(policies: Iterable<{ name: string; codes: ProblemCodes }>): ProblemTable {
  const table = new Map<string, ProblemCode>(Object.entries(coreCodes))
  for (const policy of policies) {
    for (const [code, entry] of Object.entries(policy.codes)) {
      if (table.has(code)) throw new Error(`policy "${policy.name}" declares the problem code "${code}" a second time`)
      table.set(code, entry)
    }
  }
  return table
}

/** The public code that a private one is shown as. A code that nobody declared is a fault of ours. */
export function toPublicCode(table: ProblemTable, code: string): PublicCode {
  return table.get(code)?.public ?? 'internal_error'
}

/** The `type` of a problem: stable, resolvable nowhere, and silent about what product answers. */
export function toProblemType(code: PublicCode): string {
  return `urn:problem-type:${code.replaceAll('_', '-')}`
}

/**
 * Writes the body that takes the place of one that tells too much: `about:blank`, which means no more than the status
 * does (RFC 9457 section 4.2.1).
 * @param title the status's phrase
 */
export function createStatusProblem(exchange: Pick<Exchange, 'id'>, status: number, title: string): string {
  return JSON.stringify({ type: 'about:blank', title, status, instance: exchange.id })
}

/**
 * Writes the body of a refusal (RFC 9457). This file is the only place that does: it holds the public code, never the
 * private one, its detail, a stack or an upstream's text (ASVS v5.0.0-16.5.1).
 */
export function createProblemAnswer(exchange: Pick<Exchange, 'id'>, refusal: Refusal, table: ProblemTable): Answer {
  const code = toPublicCode(table, refusal.code)
  const { status, title } = publicProblems[code]
  const body = JSON.stringify({
    ...refusal.extra?.members,
    type: toProblemType(code),
    title,
    status,
    instance: exchange.id,
  })
  const headers = new Fields(['content-type', 'application/problem+json', 'cache-control', 'no-store'])
  if (refusal.extra?.retryAfterSeconds !== undefined) {
    headers.append('retry-after', String(Math.max(1, Math.ceil(refusal.extra.retryAfterSeconds))))
  }
  for (const [name, value] of refusal.extra?.headers ?? []) headers.append(name, value)
  return new Answer('problem', status, headers, body)
}
