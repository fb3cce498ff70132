import { errors, type Provider, type ResourceServerInstance } from 'oidc-provider'
import {
  buildTokenResponse,
  checkDpopReplay,
  checkDpopRequired,
  checkMtlsCert,
  validateDpop,
} from 'oidc-provider/lib/helpers/grants.js'
import { accessTokenType, exchangeGrantType, jwtType } from '../grant-types.ts'
import type { IdentityOptions } from '../options.ts'
import { listResources } from '../resources.ts'
import { noteActor } from './actors.ts'
import { checkProofs, findParties, type Parties, type PartiesDeps } from './parties.ts'
import { type ExchangeContext, exchangeParameters, findTarget } from './request.ts'

/** A new token is for one call further on, and nobody renews it. */
const maxSeconds = 300

export interface ExchangeDeps extends PartiesDeps {
  readonly now: () => number
}

/**
 * Exchanges an access token for one for another resource (RFC 8693). The new one can do no more than both the old one and
 * the client that asks, ends with the old one at the latest, and belongs to the same grant, with which it is revoked.
 */
export function registerTokenExchange(provider: Provider, options: IdentityOptions, deps: ExchangeDeps): void {
  const resources = listResources(options)
  const types = options.accessTokens.format === 'jwt' ? [accessTokenType, jwtType] : [accessTokenType]

  async function exchange(ctx: ExchangeContext): Promise<void> {
    const { client, params } = ctx.oidc
    const type = params.requested_token_type ?? accessTokenType
    if (!types.includes(type)) throw new errors.InvalidRequest('requested_token_type must be that of an access token')
    const dPoP = await validateDpop(provider, ctx)
    checkDpopRequired(provider, ctx, dPoP)
    const certificate = checkMtlsCert(provider, ctx)
    const parties = await findParties(ctx, deps)
    await checkDpopReplay(provider, ctx, dPoP, client.clientId)

    const target = await findTarget(ctx, resources)
    const scope = toScope(ctx, parties, target)
    const token = new provider.AccessToken({
      accountId: parties.subject.accountId,
      client,
      grantId: parties.subject.grantId as string,
      gty: exchangeGrantType,
      resourceServer: target,
      expiresIn: toSeconds(parties, target, deps.now()),
      scope,
    })
    if (dPoP !== undefined) token.setThumbprint('jkt', dPoP.thumbprint)
    if (certificate !== undefined) token.setThumbprint('x5t', certificate)
    checkProofs(parties, token)
    noteActor(token, parties.act)
    ctx.oidc.entity('AccessToken', token)
    ctx.body = buildTokenResponse(provider, {
      accessToken: await token.save(),
      issuedTokenType: type,
      tokenType: token.tokenType,
      expiresIn: token.expiration,
      scope,
    })
  }

  function toScope({ oidc }: ExchangeContext, { subject }: Parties, target: ResourceServerInstance) {
    const asked = oidc.requestParamScopes
    const scopes = [...subject.scopes].filter(
      (scope) => target.scopes.has(scope) && (asked.size === 0 || asked.has(scope)),
    )
    if (scopes.length > 0) return scopes.join(' ')
    // Where a resource knows no scopes, tokens for it have none.
    const known = resources.find(({ identifier }) => identifier === target.identifier())?.scopes
    const knowsNone = known === null ? target.scopes.size === 0 : known?.length === 0
    if (knowsNone && asked.size === 0) return undefined
    throw new errors.InvalidScope('the subject token and the client may not both do that', [...asked].join(' '))
  }

  provider.registerGrantType(exchangeGrantType, exchange, exchangeParameters)
}

function toSeconds({ subject }: Parties, target: ResourceServerInstance, now: number): number {
  const left = (subject.exp as number) - Math.ceil(now / 1000)
  return Math.max(1, Math.min(maxSeconds, target.accessTokenTTL ?? maxSeconds, left))
}
