import type { Refusal } from '../../core/decision.ts'
import { refuseViolations } from '../../input/violation.ts'
import type { Finding } from './finding.ts'

/** Judges the body of one request while it comes; one call at a time. */
export interface BodyJudge {
  take(chunk: Buffer): Promise<Refusal | null>
  /** The body is whole. */
  end(): Promise<Refusal | null>
  /** Called once, also where the body broke off. */
  close(): void
}

/** @param at the field's name; empty for a body that is one file */
export function toRefusal({ code, rule, expected }: Finding, at: string): Refusal {
  return refuseViolations(code, [{ in: 'body', at, rule, expected }])
}

/**
 * Refuses a body whatever is in it, as long as anything is: that is known with its first byte where no length is declared, and
 * what looks at the bytes before us, such as their coding, says what is wrong with them first.
 */
export function createRefusingJudge(refusal: Refusal): BodyJudge {
  return {
    take: (chunk) => Promise.resolve(chunk.length === 0 ? null : refusal),
    end: () => Promise.resolve(null),
    close() {},
  }
}
