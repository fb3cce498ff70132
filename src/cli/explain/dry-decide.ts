import { type DryRun, decide } from '../../runtime/decide.ts'
import type { Decide, Decided } from './decide.ts'

/** Runs the compiled pipeline in this process, in the words of `explain`; null where it cannot be compiled here. */
export const dryDecide: Decide = async (snapshot, incoming) => {
  const run = await decide(snapshot, { incoming }).catch(() => null)
  return run === null ? null : toDecided(run)
}

export function toDecided({ status, principal, steps }: DryRun): Decided {
  return {
    status,
    principal: principal === null ? null : `${principal.kind} ${principal.issuer}|${principal.id}`,
    steps: steps.map(({ step, decision, observed, reasons }) => ({
      stage: step.stage,
      policy: step.policy,
      outcome: observed ? 'observed' : decision.kind,
      code: decision.kind === 'refuse' ? decision.code : null,
      detail: decision.kind === 'refuse' ? (decision.detail ?? null) : null,
      reasons,
    })),
  }
}
