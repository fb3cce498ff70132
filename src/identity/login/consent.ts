import type { Refusal, Reply } from '../../core/decision.ts'
import { type Details, showStep } from './show-page.ts'
import type { StepContext } from './steps.ts'

/** The person agreed to what was shown, and to nothing else. */
export async function allow({ open, shown, provider }: StepContext): Promise<Reply | Refusal> {
  const { interaction } = open
  if (interaction.prompt.name !== 'consent') return showStep(open, shown)
  const accountId = interaction.session?.accountId as string
  const known = interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId)
  const grant = known ?? new provider.Grant({ accountId, clientId: shown.client.id })
  const { missingOIDCScope = [], missingResourceScopes = {} } = interaction.prompt.details as Details
  grant.addOIDCScope(missingOIDCScope.join(' '))
  for (const [resource, scopes] of Object.entries(missingResourceScopes))
    grant.addResourceScope(resource, scopes.join(' '))
  return open.finish({ consent: { grantId: await grant.save() } }, 'keep')
}
