import { type Refusal, refuse } from '../core/decision.ts'

/** Where in a request or an answer something stands that a rule does not allow. */
export interface Violation {
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'body'
  /** The parameter's name; in JSON a pointer (RFC 6901), empty for the whole body. */
  readonly at: string
  /** Which rule, in the words of its standard where there is one: `maximum`, `required`, `additionalProperties`. */
  readonly rule: string
  /** What would be allowed, such as `at most 100`. Never the value that came. */
  readonly expected: string
}

/** The most that one problem tells; a caller who made more mistakes mends these first. */
const most = 20
/** A caller chooses the names of members, so a pointer can be as long as the body. */
const longest = 200

/**
 * Ends the exchange with a problem whose `errors` name each place (RFC 9457 section 3.2). The log is told the same.
 * @param violations at least one
 */
export function refuseViolations(code: string, violations: readonly Violation[]): Refusal {
  const errors = violations.slice(0, most).map((one) => ({ ...one, at: cut(one.at) }))
  const [first] = errors
  const detail = first === undefined ? undefined : `${first.in} ${JSON.stringify(first.at)}: ${first.rule}`
  return refuse(code, detail, { members: { errors } })
}

function cut(at: string): string {
  return at.length > longest ? `${at.slice(0, longest)}…` : at
}
