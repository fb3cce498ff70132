import { type Refusal, refuse } from '../core/decision.ts'

const retryAfterSeconds = 1

/** Whoever cannot be checked is not let in, and where nothing can be written no session begins or ends. */
export function refuseForStore(error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error)
  return refuse('dependency_down', reason, { retryAfterSeconds })
}
