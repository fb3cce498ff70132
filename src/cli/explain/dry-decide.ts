import { decide } from '../../runtime/decide.ts'
import type { Decide } from './decide.ts'

/** Runs the compiled pipeline in this process, in the words of `explain`; null where it cannot be compiled here. */
export const dryDecide: Decide = async (snapshot, request) => {
  const run = await decide(snapshot, request).catch(() => null)
  if (run === null) return null
  const { principal } = run
  return {
    status: run.status,
    principal: principal === null ? null : `${principal.kind} ${principal.issuer}/${principal.id}`,
    steps: run.steps.map(({ step, decision, observed }) => ({
      stage: step.stage,
      policy: step.policy,
      outcome: observed ? 'observed' : decision.kind,
      code: decision.kind === 'refuse' ? decision.code : null,
      detail: decision.kind === 'refuse' ? (decision.detail ?? null) : null,
    })),
  }
}
