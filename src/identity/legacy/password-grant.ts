import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider'
import {
  buildTokenResponse,
  checkDpopReplay,
  checkDpopRequired,
  checkMtlsCert,
  resolveRequestedResources,
  validateClientScope,
  validateDpop,
} from 'oidc-provider/lib/helpers/grants.js'
import type { ClientLookup } from '../../stores/ports/client-store.ts'
import type { FactorLookup } from '../../stores/ports/factor-store.ts'
import type { BridgedRequest } from '../bridge/bridged-request.ts'
import { hasSecondFactor } from '../factors/held-factors.ts'
import type { Passwords } from '../login/password.ts'
import type { IdentityOptions } from '../options.ts'
import { hasEnded, legacySeconds } from './sunset.ts'

/** More than any name and password have. */
const maxLength = 1024

export interface PasswordGrantDeps {
  readonly directory: ClientLookup
  readonly passwords: Passwords
  readonly factors: FactorLookup
  readonly secondFactor: IdentityOptions['secondFactor']
  readonly now: () => number
}

type Context = TokenEndpointGrantContext<{ username?: string; password?: string }>

/** RFC 6749 section 4.3, which RFC 9700 section 2.4 forbids: for clients of the policy file until a day that stands there. */
export function registerPasswordGrant(provider: Provider, deps: PasswordGrantDeps): void {
  async function grantByPassword(ctx: Context): Promise<void> {
    const { client, requestParamOIDCScopes, requestParamScopes } = ctx.oidc
    const record = await deps.directory.find(client.clientId)
    if (hasEnded(record?.settings.legacy?.password, deps.now()))
      throw new errors.UnauthorizedClient('the password grant of this client has ended')
    const dPoP = await validateDpop(provider, ctx)
    checkDpopRequired(provider, ctx, dPoP)
    const certificate = checkMtlsCert(provider, ctx)
    validateClientScope(provider, ctx)
    const [resourceServer, ...others] = await resolveRequestedResources(provider, ctx)
    if (resourceServer === undefined || others.length > 0) throw new errors.InvalidTarget('name one resource')
    const accountId = await findAccountId(ctx, deps)
    await checkDpopReplay(provider, ctx, dPoP, client.clientId)

    const common = { accountId, client, clientId: client.clientId, expiresIn: legacySeconds }
    const grant = new provider.Grant(common)
    const oidcScopes = [...requestParamOIDCScopes].filter((scope) => scope !== 'offline_access')
    const scopes = [...requestParamScopes].filter((scope) => resourceServer.scopes.has(scope))
    grant.addOIDCScope(oidcScopes.join(' '))
    grant.addResourceScope(resourceServer.identifier(), scopes.join(' '))
    const scope = [...oidcScopes, ...scopes].join(' ')
    const token = new provider.AccessToken({
      ...{ accountId, client, grantId: await grant.save(), gty: 'password', resourceServer, scope },
      expiresIn: Math.min(legacySeconds, resourceServer.accessTokenTTL ?? legacySeconds),
    })
    if (dPoP !== undefined) token.setThumbprint('jkt', dPoP.thumbprint)
    if (certificate !== undefined) token.setThumbprint('x5t', certificate)
    ctx.oidc.entity('AccessToken', token)
    ctx.body = buildTokenResponse(provider, {
      accessToken: await token.save(),
      tokenType: token.tokenType,
      expiresIn: token.expiration,
      ...(scope !== '' && { scope }),
    })
  }

  provider.registerGrantType('password', grantByPassword, ['username', 'password', 'scope', 'resource'])
}

/** With the limits of every login. A password alone opens no account that has a second factor, and nobody learns which do. */
async function findAccountId(ctx: Context, { passwords, factors, secondFactor }: PasswordGrantDeps): Promise<string> {
  const { username, password } = ctx.oidc.params
  if (username === undefined || password === undefined)
    throw new errors.InvalidRequest('username and password must be given')
  if (username.length > maxLength || password.length > maxLength) throw wrong('it is too long')
  const { exchange } = ctx.req as unknown as BridgedRequest
  const result = await passwords.check({ username, password, client: exchange.client.key })
  if (!('kind' in result)) {
    if (secondFactor === 'required') throw wrong('everybody needs a second factor')
    if (secondFactor === 'optional' && hasSecondFactor(await factors.list(result.id)))
      throw wrong('the account has a second factor')
    return result.id
  }
  if (result.kind === 'unavailable') throw new errors.TemporarilyUnavailable('nobody can log in at this moment')
  if (result.kind !== 'locked') throw wrong('the user name or the password')
  ctx.set('retry-after', String(result.retryAfterSeconds))
  throw toInvalidGrant('too many attempts failed: try again later', 'locked')
}

function wrong(detail: string) {
  return toInvalidGrant('the user name or the password is wrong', detail)
}

function toInvalidGrant(description: string, detail: string) {
  return Object.assign(new errors.InvalidGrant(detail), { error_description: description })
}
