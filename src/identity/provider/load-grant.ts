import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { ClientLookup } from '../../stores/ports/client-store.ts'

/**
 * What a person has allowed a client before, in this login. A client that is one of our own has whatever it may ask for,
 * so that nobody is asked.
 */
export function createGrantLoader(directory: ClientLookup): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { oidc } = ctx
    const clientId = oidc.client?.clientId as string
    const { provider } = oidc
    const id = oidc.result?.consent?.grantId ?? oidc.session?.grantIdFor(clientId)
    const known = id === undefined ? undefined : await provider.Grant.find(id)
    const client = await directory.find(clientId)
    if (client?.settings.consent !== 'given' || oidc.session?.accountId === undefined) return known
    const grant = known ?? new provider.Grant({ clientId, accountId: oidc.session.accountId })
    return addRequested(ctx, grant)
  }
}

async function addRequested(ctx: KoaContextWithOIDC, grant: InstanceType<typeof ctx.oidc.provider.Grant>) {
  const { oidc } = ctx
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '))
  for (const [indicator, server] of Object.entries(oidc.resourceServers ?? {})) {
    grant.addResourceScope(
      indicator,
      [...oidc.requestParamScopes].filter((scope) => server.scopes.has(scope)).join(' '),
    )
  }
  await grant.save()
  return grant
}
