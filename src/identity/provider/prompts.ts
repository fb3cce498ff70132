import { interactionPolicy } from 'oidc-provider'
import { demandsTwoFactors, twoFactors } from '../factors/assurance.ts'
import { rememberedBrowser } from '../factors/remembered-devices.ts'
import type { IdentityOptions } from '../options.ts'

/** Why somebody who is logged in is asked for a second factor alone. */
export const assuranceReason = 'assurance'

/** What people are asked before something is issued: to log in, and to agree. */
export function createPrompts({
  secondFactor,
}: Pick<IdentityOptions, 'secondFactor'>): readonly interactionPolicy.Prompt[] {
  const { Check, base } = interactionPolicy
  const prompts = base()
  const tooWeak = new Check(
    assuranceReason,
    'the login is not as strong as was asked for',
    'login_required',
    ({ oidc }) => {
      const { accountId, amr = [] } = oidc.session ?? {}
      if (accountId === undefined || amr.includes(twoFactors)) return false
      // A login of before they were required.
      const required = secondFactor === 'required' && !amr.includes(rememberedBrowser)
      const always = oidc.client?.defaultAcrValues?.includes('aal2') === true
      return required || always || demandsTwoFactors(oidc.params?.acr_values)
    },
    ({ oidc }) => ({ loginTs: oidc.session?.loginTs }),
  )
  prompts.get('login')?.checks.add(tooWeak)
  return prompts
}
