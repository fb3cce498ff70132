import { type AccessToken, type Grant, Provider } from 'oidc-provider'

type Find<Model> = (id: string, options?: object) => Promise<Model | undefined>

/**
 * An exchanged token belongs to the grant of the person, which was given to another client. oidc-provider takes the two
 * clients for a mistake: here they are no mistake where a token is looked into, and where a client ends a token that it
 * was given for another one, the other one's grant goes on.
 */
export function adaptTokens(provider: Provider): void {
  const findToken = provider.AccessToken.find.bind(provider.AccessToken) as Find<AccessToken>
  const findGrant = provider.Grant.find.bind(provider.Grant) as Find<Grant>
  const shown = new WeakMap<object, AccessToken>()

  const findShownToken: Find<AccessToken> = async (id, options) => {
    const token = await findToken(id, options)
    const { ctx } = Provider
    if (token === undefined || ctx === undefined) return token
    if (ctx.oidc.route === 'introspection') shown.set(ctx, token)
    if (ctx.oidc.route === 'revocation' && token.grantId !== undefined) {
      const grant = await findGrant(token.grantId)
      if (grant !== undefined && grant.clientId !== token.clientId) Object.assign(token, { grantId: undefined })
    }
    return token
  }

  const findGrantOfToken: Find<Grant> = async (id, options) => {
    const grant = await findGrant(id, options)
    const token = Provider.ctx === undefined ? undefined : shown.get(Provider.ctx)
    if (grant !== undefined && token?.clientId !== undefined && token.grantId === id) grant.clientId = token.clientId
    return grant
  }

  Object.assign(provider.AccessToken, { find: findShownToken })
  Object.assign(provider.Grant, { find: findGrantOfToken })
}
