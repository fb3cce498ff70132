import type { StandardProps, StandardResult } from '../../core/standard-schema.ts'
import type { Violation } from '../../input/violation.ts'
import type { SchemaOptions } from '../schema/prepare-schema.ts'
import { findDropped } from './find-dropped.ts'
import { ownCopy } from './own-copy.ts'
import { toViolations } from './to-violations.ts'

/** What a schema of a library says of one value. */
export type Judged =
  | { readonly kind: 'judged'; readonly violations: readonly Violation[] }
  /** It threw; in words for the log, without anything that the library said. */
  | { readonly kind: 'broken'; readonly problem: string }

/** Asks a schema of a library, when everything else is known to be in order. */
export type Question = () => Judged | Promise<Judged>

export type StandardJudge = (value: unknown, place: Violation['in'], at: string) => Question

const none: Judged = Object.freeze({ kind: 'judged', violations: Object.freeze([]) })
const maxIssues = 200

/**
 * Prepares how a schema of a library judges values: those that it refuses are violations, and so are members that it
 * drops, because what it gives back is not what the API receives.
 */
export function compileStandard(
  schema: StandardProps,
  options: Pick<SchemaOptions, 'unknownProperties'>,
): StandardJudge {
  const { vendor } = schema
  return (value, place, at) => {
    function judge(input: unknown, result: StandardResult): Judged {
      if (result.issues !== undefined && result.issues !== null) {
        const violations = result.issues.slice(0, maxIssues).flatMap((one) => toViolations(one, vendor, place, at))
        // Issues that say nothing are issues all the same.
        return { kind: 'judged', violations: violations.length > 0 ? violations : [{ in: place, at, ...unsaid }] }
      }
      if (options.unknownProperties === 'ignore') return none
      const violations = findDropped(input, result.value, place, at)
      return violations.length === 0 ? none : { kind: 'judged', violations }
    }
    const broken = (error: unknown): Judged => {
      const kind = error instanceof Error ? error.constructor.name : typeof error
      return { kind: 'broken', problem: `a schema of ${vendor} threw for ${place} ${JSON.stringify(at)}: ${kind}` }
    }
    return () => {
      try {
        // Judged against another copy than the library holds, which may change its own.
        const result = schema.validate(ownCopy(value))
        if (!(result instanceof Promise)) return judge(value, result)
        return result.then((settled) => judge(value, settled)).catch(broken)
      } catch (error) {
        return broken(error)
      }
    }
  }
}

const unsaid = { rule: 'schema', expected: 'what the schema asks for' }
