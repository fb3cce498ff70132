import { type Decision, next, refuse } from '../../core/decision.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import type { StepUpOptions } from './options.ts'

/** By how much the clock of who issued the token may be ahead. */
const clockToleranceMs = 60_000

/** Judges how and when the caller logged in, by what their credential says of it. */
export function createStepUp(options: StepUpOptions, { now }: Pick<PolicyDeps, 'now'>): Hooks {
  const accepted = new Set(options.acr)
  // Two factors are more than one (NIST SP 800-63B-4 section 2).
  if (accepted.has('aal1')) accepted.add('aal2')
  const { maxAge } = options
  const extra = { headers: [['www-authenticate', createChallenge(options)] as const] }
  const tooWeak = refuse('step_up_acr', `needs one of ${[...accepted].join(', ')}`, extra)
  const tooOld = refuse('step_up_age', 'the login is too old, or the credential does not say when it was', extra)

  function judge({ assurance, authenticatedAt = null }: Principal): Decision {
    if (accepted.size > 0 && (assurance === null || !accepted.has(assurance))) return tooWeak
    if (maxAge === undefined) return next
    if (authenticatedAt === null) return tooOld
    const age = now() - authenticatedAt
    return age <= maxAge && age >= -clockToleranceMs ? next : tooOld
  }

  return {
    authorize: ({ principal }) => (principal === null ? refuse('credential_missing') : judge(principal)),
  }
}

/** What the client asks the issuer for (RFC 9470 section 3). */
function createChallenge({ acr, maxAge }: StepUpOptions): string {
  return [
    'Bearer error="insufficient_user_authentication"',
    'error_description="a stronger or a newer login is needed"',
    ...(acr === undefined ? [] : [`acr_values="${acr.join(' ')}"`]),
    ...(maxAge === undefined ? [] : [`max_age="${Math.floor(maxAge / 1000)}"`]),
  ].join(', ')
}
