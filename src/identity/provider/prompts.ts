import { interactionPolicy } from 'oidc-provider'
import { demandsTwoFactors } from '../factors/assurance.ts'

/** Why somebody who is logged in is asked for a second factor alone. */
export const assuranceReason = 'assurance'

/** What people are asked before something is issued: to log in, and to agree. */
export function createPrompts(): readonly interactionPolicy.Prompt[] {
  const { Check, base } = interactionPolicy
  const prompts = base()
  const tooWeak = new Check(
    assuranceReason,
    'the login is not as strong as was asked for',
    'login_required',
    ({ oidc }) =>
      oidc.session?.accountId !== undefined &&
      demandsTwoFactors(oidc.params?.acr_values) &&
      oidc.session.acr !== 'aal2',
    ({ oidc }) => ({ loginTs: oidc.session?.loginTs }),
  )
  prompts.get('login')?.checks.add(tooWeak)
  return prompts
}
