import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { AccountLookup } from '../../stores/ports/account-store.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import { actorOf } from '../exchange/actors.ts'
import { toGrantName } from '../tokens/grant-name.ts'

/** Whose roles a token speaks of: those of the person, or of the client where there is none. */
export function createTokenClaims(
  accounts: AccountLookup,
  directory: ClientLookup,
  realm: string | undefined,
): NonNullable<Configuration['extraTokenClaims']> {
  return async (ctx, token) => {
    if (token.kind === 'AccessToken') {
      const account = await accounts.find(token.accountId)
      const act = actorOf(token)
      return account === null
        ? {}
        : {
            roles: [...account.roles],
            ...(account.tenant !== null && { tenant: account.tenant }),
            ...toAuthentication(ctx),
            ...(act !== undefined && { act }),
          }
    }
    const client = await directory.find(token.clientId as string)
    return { roles: [...(client?.settings.roles ?? [])], ...(realm !== undefined && { tenant: realm }) }
  }
}

/** How and when the person proved who they are (RFC 9068 section 2.2.1, RFC 9470 section 6.1). */
function toAuthentication(ctx: KoaContextWithOIDC): Record<string, unknown> {
  const { entities, session } = ctx.oidc
  const source = entities.AuthorizationCode ?? entities.RefreshToken ?? entities.DeviceCode
  const { acr, amr, authTime } = source ?? { acr: session?.acr, amr: session?.amr, authTime: session?.loginTs }
  return {
    ...(acr !== undefined && { acr }),
    ...(amr !== undefined && { amr }),
    ...(authTime !== undefined && { auth_time: authTime }),
  }
}

/** The grant that a signed token was issued under: with it, the token ends too. */
export const addGrantName: NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt'] = (
  _ctx,
  token,
  parts,
) => {
  if (token.kind === 'AccessToken' && token.grantId !== undefined) parts.payload.sid = toGrantName(token.grantId)
}
