import { type AccessToken, type KoaContextWithOIDC, Provider } from 'oidc-provider'

/** What the endpoint answers to. */
const told = new Set(['openid', 'profile', 'email'])

/**
 * Has access tokens say what their client may learn of the person, beside what it may do at the resource: with the same
 * token it calls the API and asks for the person (OpenID Connect Core section 5.3).
 */
export function addPersonScopes({ AccessToken: { prototype } }: Provider): void {
  const { save } = prototype
  prototype.save = function (this: AccessToken) {
    const { ctx } = Provider
    const scopes = ctx === undefined ? [] : findPersonScopes(ctx)
    if (scopes.length > 0) this.scope = [...new Set([...scopes, ...this.scopes])].join(' ')
    return save.call(this)
  }
}

/** Those that were asked for, of those that the person agreed to. */
function findPersonScopes({ oidc }: KoaContextWithOIDC): string[] {
  const { AuthorizationCode, DeviceCode, RefreshToken } = oidc.entities
  const source = AuthorizationCode ?? DeviceCode ?? RefreshToken
  const narrowed = source === RefreshToken && oidc.params?.scope !== undefined
  if (oidc.grant === undefined || (source === undefined && oidc.route === 'token')) return []
  const asked = source === undefined || narrowed ? oidc.requestParamScopes : source.scopes
  const scope = oidc.grant.getOIDCScopeFiltered(new Set([...asked].filter((one) => told.has(one))))
  return scope === '' ? [] : scope.split(' ')
}
