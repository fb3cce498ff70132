import type { Verdict } from '../../contract/compile-contract.ts'
import { type Decision, next, refuse } from '../../core/decision.ts'
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
