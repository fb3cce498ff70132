import type { Verdict } from '../../contract/compile-contract.ts'
import type { Judged } from '../../contract/standard/compile-standard.ts'
import { type Decision, next, refuse } from '../../core/decision.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import { refuseViolations } from '../../input/violation.ts'

export function toDecision(verdict: Verdict): Decision {
  switch (verdict.kind) {
    case 'meets':
      return next
    case 'violates':
      return refuseViolations('contract_violated', verdict.violations)
    case 'unreadable':
      return refuse('contract_unreadable', verdict.problem)
    case 'media-type':
      return refuse('contract_media_type', undefined, { headers: [['accept', verdict.accepted.join(', ')]] })
  }
}

/** What schemas of libraries said. One that threw has not judged, and the log says which. */
export function settleJudged(judged: Judged, requestId: string, log: PolicyLog): Decision {
  if (judged.kind === 'judged') {
    return judged.violations.length === 0 ? next : refuseViolations('contract_violated', judged.violations)
  }
  log.error('contract_broken', { requestId, problem: judged.problem })
  return refuse('contract_broken', judged.problem)
}
