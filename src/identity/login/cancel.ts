import type { Refusal, Reply } from '../../core/decision.ts'
import type { StepContext } from './steps.ts'

/** The person wants none of it: the client is told so. */
export function cancel({ open }: StepContext): Promise<Reply | Refusal> {
  return open.finish({ error: 'access_denied', error_description: 'the person did not agree' })
}
