import { errors, type ResourceServerInstance, type TokenEndpointGrantContext } from 'oidc-provider'
import { resolveRequestedResources } from 'oidc-provider/lib/helpers/grants.js'
import type { Resource } from '../resources.ts'

/** The parameters of RFC 8693 section 2.1. */
export const exchangeParameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'resource',
  'audience',
  'scope',
] as const

export type ExchangeContext = TokenEndpointGrantContext<{
  [name in (typeof exchangeParameters)[number]]?: string | undefined
}>

/** What the new token is for: `resource` names it by its identifier, `audience` by its name in the policy file. */
export async function findTarget(
  ctx: ExchangeContext,
  resources: readonly Resource[],
): Promise<ResourceServerInstance> {
  const { params, provider } = ctx.oidc
  const { audience } = params
  if (audience !== undefined) {
    const named = resources.find(({ name }) => name === audience)?.identifier
    if (named === undefined || (params.resource !== undefined && params.resource !== named))
      throw new errors.InvalidTarget('audience must be the name of a resource, and the same as resource')
    params.resource = named
  }
  const [target, ...others] = await resolveRequestedResources(provider, ctx)
  if (target === undefined || others.length > 0) throw new errors.InvalidTarget('name one resource')
  return target
}
