import { type AccessToken, type Grant, Provider } from 'oidc-provider'
import type { ReadToken } from '../exchange/read-token.ts'
import { isSigned } from './present-token.ts'

type Find<Model> = (id: string, options?: object) => Promise<Model | undefined>

/**
 * An exchanged token belongs to the grant of the person, which was given to another client. oidc-provider takes the two
 * clients for a mistake: here they are no mistake where a token is looked into, and where a client ends a token that it
 * was given for another one, the other one's grant goes on.
 */
export function adaptTokens(provider: Provider, readSigned: ReadToken): void {
  const findToken = provider.AccessToken.find.bind(provider.AccessToken) as Find<AccessToken>
  const findGrant = provider.Grant.find.bind(provider.Grant) as Find<Grant>
  const shown = new WeakMap<object, AccessToken>()

  const findShownToken: Find<AccessToken> = async (id, options) => {
    const { ctx } = Provider
    if (ctx?.oidc.route === 'userinfo') return findForUserinfo(id)
    const token = await findToken(id, options)
    if (token === undefined || ctx === undefined) return token
    if (ctx.oidc.route === 'introspection') shown.set(ctx, token)
    if (ctx.oidc.route === 'revocation' && token.grantId !== undefined) {
      const grant = await findGrant(token.grantId)
      if (grant !== undefined && grant.clientId !== token.clientId) Object.assign(token, { grantId: undefined })
    }
    return token
  }

  /** Whatever API it is for: what it may learn of the person stands in its scopes, and it is ours. */
  async function findForUserinfo(text: string): Promise<AccessToken | undefined> {
    const token = await (isSigned(text) ? readSigned(text) : findToken(text))
    return token instanceof provider.AccessToken ? Object.assign(token, { aud: undefined }) : undefined
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
