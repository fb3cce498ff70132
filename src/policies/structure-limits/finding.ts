import type { Refusal } from '../../core/decision.ts'
import { refuseViolations, type Violation } from '../../input/violation.ts'

/** What breaks a rule, and whether it is malformed or merely too much. */
export interface Finding extends Violation {
  readonly code: 'structure_malformed' | 'structure_limit'
  /** In words for the log, where the rule is broken in many ways. */
  readonly problem?: string
}

/** Judges a body as it comes. */
export interface BodyJudge {
  write(bytes: Uint8Array): Finding | null
  end(): Finding | null
}

type Place = 'query' | 'body'

export function malformed(place: Place, at: string, rule: string, expected: string, problem?: string): Finding {
  return { code: 'structure_malformed', in: place, at, rule, expected, ...(problem !== undefined && { problem }) }
}

export function tooMuch(place: Place, at: string, rule: string, expected: string): Finding {
  return { code: 'structure_limit', in: place, at, rule, expected }
}

export function toRefusal({ code, problem, ...violation }: Finding): Refusal {
  const refusal = refuseViolations(code, [violation])
  return problem === undefined ? refusal : { ...refusal, detail: `${refusal.detail}: ${problem}` }
}
