import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None } from 'openid-client'
import type { OutboundClient } from '../../outbound/outbound.ts'
import { createAppleSecret } from './apple-secret.ts'
import { toLabel } from './choices.ts'
import { createFacebookIdentify, createGitHubIdentify, createPlainIdentify } from './identify.ts'
import { createOAuth2Upstream } from './oauth2-upstream.ts'
import { createOidcUpstream } from './oidc-upstream.ts'
import type { CustomProvider, ProvidersOptions, RoleRule } from './options.ts'
import type { Upstream } from './upstream.ts'

export interface UpstreamDeps {
  readonly outbound: OutboundClient
  /** Resolves a reference to a secret. */
  readonly secret: (reference: string) => Promise<string>
  readonly now: () => number
}

type Options<Name extends keyof ProvidersOptions> = NonNullable<ProvidersOptions[Name]>
type Preset<Name extends keyof ProvidersOptions> = (options: Options<Name>, deps: UpstreamDeps) => Promise<Upstream>

const usualScopes = ['openid', 'email', 'profile']
const formPost = { response_mode: 'form_post' }
const graph = 'v24.0'

export const google: Preset<'google'> = async (options, { outbound, secret, now }) => {
  const auth = ClientSecretPost(await secret(options.clientSecret))
  const settings = toSettings('google', options, auth)
  return createOidcUpstream({ ...settings, issuer: 'https://accounts.google.com' }, outbound, now)
}

/**
 * Any tenant's administrators can write any address into `email`. Only `xms_edov`, an optional claim that has to be chosen
 * where the application is registered, says that the domain is theirs.
 */
export const microsoft: Preset<'microsoft'> = async (options, { outbound, secret, now }) => {
  const auth = ClientSecretPost(await secret(options.clientSecret))
  const settings = toSettings('microsoft', options, auth)
  const issuer = `https://login.microsoftonline.com/${options.tenant}/v2.0`
  return createOidcUpstream({ ...settings, issuer, verifiedBy: 'xms_edov' }, outbound, now)
}

/** Whoever is asked for an address is sent back by a form, as Apple demands. */
export const apple: Preset<'apple'> = async (options, { outbound, secret, now }) => {
  const { clientId, teamId, keyId } = options
  const createSecret = await createAppleSecret({ clientId, teamId, keyId, pem: await secret(options.key) }, now)
  // openid-client waits for it, as it does for those of its own that sign.
  const auth: ClientAuth = async (_server, _client, body) => {
    body.set('client_id', clientId)
    body.set('client_secret', await createSecret())
  }
  const settings = toSettings('apple', options, auth, ['openid', 'email'])
  return createOidcUpstream({ ...settings, issuer: 'https://appleid.apple.com', parameters: formPost }, outbound, now)
}

export const github: Preset<'github'> = async (options, { outbound, secret }) => {
  const { clientId, roles: rules, scopes = ['read:user', 'user:email'] } = options
  const server = options.server.replace(/\/$/, '')
  const issuer = `${server}/login/oauth`
  const api = server === 'https://github.com' ? 'https://api.github.com' : `${server}/api/v3`
  return createOAuth2Upstream(
    {
      ...{ name: 'github', label: toLabel('github', options.label), rules, clientId, scopes, issuer },
      authorize: `${issuer}/authorize`,
      token: `${issuer}/access_token`,
      auth: ClientSecretPost(await secret(options.clientSecret)),
      identify: createGitHubIdentify(issuer, api),
      allowPrivate: options.allowPrivateAddress !== undefined,
    },
    outbound,
  )
}

export const facebook: Preset<'facebook'> = async (options, { outbound, secret }) => {
  const { clientId, roles: rules, scopes = ['email', 'public_profile'] } = options
  const [issuer, key] = ['https://www.facebook.com', await secret(options.clientSecret)]
  return createOAuth2Upstream(
    {
      ...{
        name: 'facebook',
        label: toLabel('facebook', options.label),
        rules,
        clientId,
        scopes,
        issuer,
        allowPrivate: false,
      },
      authorize: `${issuer}/${graph}/dialog/oauth`,
      token: `https://graph.facebook.com/${graph}/oauth/access_token`,
      auth: ClientSecretPost(key),
      identify: createFacebookIdentify(issuer, `https://graph.facebook.com/${graph}/me`, key),
    },
    outbound,
  )
}

interface Registered {
  readonly clientId: string
  readonly label?: string | undefined
  readonly roles: readonly RoleRule[]
  readonly scopes?: readonly string[] | undefined
}

/** What is alike for servers that speak OpenID Connect and are on the internet. */
function toSettings(name: string, options: Registered, auth: ClientAuth, usual: readonly string[] = usualScopes) {
  const { clientId, roles: rules, scopes = usual } = options
  return {
    name,
    label: toLabel(name, options.label),
    rules,
    clientId,
    auth,
    scopes,
    userinfo: false,
    allowPrivate: false,
  }
}

export async function custom(
  name: string,
  options: CustomProvider,
  { outbound, secret, now }: UpstreamDeps,
): Promise<Upstream> {
  const { clientId, issuer, authorize, token, userinfo, responseMode, roles: rules } = options
  const allowPrivate = options.allowPrivateAddress !== undefined
  const auth = options.clientSecret === undefined ? None() : ClientSecretBasic(await secret(options.clientSecret))
  const common = { name, label: toLabel(name, options.label), rules, clientId, auth, allowPrivate }
  if (authorize === undefined || token === undefined || userinfo === undefined) {
    const scopes = options.scopes ?? usualScopes
    const parameters = responseMode === 'formPost' ? formPost : {}
    const settings = { ...common, issuer: issuer as string, scopes, parameters, userinfo: true }
    return createOidcUpstream(settings, outbound, now)
  }
  // Who says who somebody is gives the ids their meaning, so that it is what they are kept under.
  const identify = createPlainIdentify(issuer ?? userinfo, userinfo, options)
  const scopes = options.scopes ?? []
  return createOAuth2Upstream({ ...common, issuer: issuer ?? null, authorize, token, scopes, identify }, outbound)
}
