import type { Endpoint } from '../core/policy.ts'
import type { IdentityOptions } from './options.ts'
import { toPasskeySite } from './passkeys/options.ts'

/**
 * What answers: oidc-provider, a page of ours in the course of a login, one where people see to
 * their account without being logged in, one for those who are, one where codes of devices are typed, where people come
 * back to from another server, or where programs make clients of themselves.
 */
export type EndpointKind = 'provider' | 'login' | 'people' | 'account' | 'device' | 'upstream' | 'registration'

export interface IdentityEndpoint extends Endpoint {
  readonly kind: EndpointKind
  /** The path as oidc-provider knows it, without that of the issuer. */
  readonly inner: string
  /** Empty: at every host. */
  readonly hosts: readonly string[]
}

/** Where oidc-provider answers, below the issuer's path. */
export const providerPaths = {
  authorization: '/authorize',
  token: '/token',
  jwks: '/jwks',
  revocation: '/revoke',
  introspection: '/introspect',
  pushed_authorization_request: '/par',
  end_session: '/logout',
  device_authorization: '/device_authorization',
  code_verification: '/device',
  userinfo: '/userinfo',
} as const

export const loginPath = '/login'

/** Where other servers send people back to. */
export const withPath = '/with'

/** Where people see to their accounts. */
export const peoplePaths = {
  signUp: '/sign-up',
  reset: '/reset',
  password: '/password',
  passwordFactor: '/password/factor',
  invitation: '/invitation',
  firstAdministrator: '/first-administrator',
  account: '/account',
  accountReturn: '/account/return',
  sessions: '/account/sessions',
  applications: '/account/applications',
  data: '/account/data',
  dataFile: '/account/data/file',
  remove: '/account/delete',
  factors: '/account/factors',
  totp: '/account/factors/totp',
  connections: '/account/connections',
  connectionsReturn: '/account/connections/return',
  passkeys: '/account/passkeys',
} as const

const why = {
  discovery: 'clients find out where everything is',
  keys: 'whoever gets a token verifies it with them',
  people: 'people come to log in',
  clients: 'clients prove who they are there',
}

type Line = readonly [id: string, method: string, path: string, reason: string, kind?: EndpointKind]

/** A page and its form, by the same path. */
const form = (id: string, path: string, kind: EndpointKind = 'people'): readonly Line[] => [
  [`${id}-page`, 'GET', path, why.people, kind],
  [id, 'POST', path, why.people, kind],
]
const accountForm = (id: string, path: string) => form(id, path, 'account')

const { authorization, token, jwks, revocation, introspection, pushed_authorization_request: par } = providerPaths
const {
  end_session: logout,
  device_authorization: deviceAuthorization,
  code_verification: device,
  userinfo,
} = providerPaths
const oauthDiscovery = '/.well-known/oauth-authorization-server'

const lines: readonly Line[] = [
  ['openid-configuration', 'GET', '/.well-known/openid-configuration', why.discovery],
  ['oauth-authorization-server', 'GET', oauthDiscovery, why.discovery],
  ['jwks', 'GET', jwks, why.keys],
  ['authorize', 'GET', authorization, why.people],
  ['resume', 'GET', `${authorization}/{uid}`, why.people],
  ['token', 'POST', token, why.clients],
  ['revoke', 'POST', revocation, why.clients],
  ['introspect', 'POST', introspection, why.clients],
  ['par', 'POST', par, why.clients],
  ['logout', 'GET', logout, why.people],
  ['logout-confirm', 'POST', `${logout}/confirm`, why.people],
  ['logout-success', 'GET', `${logout}/success`, why.people],
  ['userinfo', 'GET', userinfo, why.clients],
  ['userinfo-form', 'POST', userinfo, why.clients],
  ['device-authorization', 'POST', deviceAuthorization, why.clients],
  ['device-page', 'GET', device, why.people, 'device'],
  ['device', 'POST', device, why.people, 'device'],
  ['device-resume', 'GET', `${device}/{uid}`, why.people],
  ['login-page', 'GET', `${loginPath}/{uid}`, why.people, 'login'],
  ['login', 'POST', `${loginPath}/{uid}`, why.people, 'login'],
  ['factor-page', 'GET', `${loginPath}/{uid}/factor`, why.people, 'login'],
  ['factor', 'POST', `${loginPath}/{uid}/factor`, why.people, 'login'],
  ['enrol-page', 'GET', `${loginPath}/{uid}/enrol`, why.people, 'login'],
  ['enrol', 'POST', `${loginPath}/{uid}/enrol`, why.people, 'login'],
  ['consent', 'POST', `${loginPath}/{uid}/consent`, why.people, 'login'],
  ['cancel', 'POST', `${loginPath}/{uid}/cancel`, why.people, 'login'],
  ['account', 'GET', peoplePaths.account, why.people, 'account'],
  ['account-return', 'GET', peoplePaths.accountReturn, why.people, 'account'],
  ...accountForm('account-sessions', peoplePaths.sessions),
  ['account-sign-out', 'POST', `${peoplePaths.sessions}/all`, why.people, 'account'],
  ...accountForm('account-applications', peoplePaths.applications),
  ['account-data', 'GET', peoplePaths.data, why.people, 'account'],
  ['account-data-file', 'GET', peoplePaths.dataFile, why.people, 'account'],
  ...accountForm('account-delete', peoplePaths.remove),
]

const { factors, totp } = peoplePaths
const factorLines: readonly Line[] = [
  ['factors', 'GET', factors, why.people, 'account'],
  ['totp-page', 'GET', totp, why.people, 'account'],
  ['totp', 'POST', totp, why.people, 'account'],
  ['factor-remove', 'POST', `${factors}/remove`, why.people, 'account'],
  ['recovery-codes', 'POST', `${factors}/recovery`, why.people, 'account'],
  ['device-forget', 'POST', `${factors}/forget`, why.people, 'account'],
]

const { signUp, reset, password, passwordFactor } = peoplePaths
const signUpLines = [...form('sign-up', signUp), ...form('sign-up-confirm', `${signUp}/confirm`)]
const mailLines = [...form('reset', reset), ...form('reset-confirm', `${reset}/confirm`), ...form('password', password)]

const passwordFactorLines = form('password-factor', passwordFactor)

const { connections, connectionsReturn } = peoplePaths
const callback = `${withPath}/{provider}/callback`
const providersLines: readonly Line[] = [
  ['with', 'POST', `${loginPath}/{uid}/with/{provider}`, why.people, 'login'],
  ['with-return', 'GET', `${loginPath}/{uid}/with/{provider}`, why.people, 'login'],
  ['with-callback', 'GET', callback, why.people, 'upstream'],
  // Apple sends people back by a form.
  ['with-callback-form', 'POST', callback, why.people, 'upstream'],
  ['connections-page', 'GET', connections, why.people, 'account'],
  ['connections', 'POST', connections, why.people, 'account'],
  ['connections-return', 'GET', connectionsReturn, why.people, 'account'],
]

/** Where programs make clients of themselves. */
export const registrationPath = '/register'

const passkeyLines: readonly Line[] = [
  ['login-passkey', 'POST', `${loginPath}/{uid}/passkey`, why.people, 'login'],
  ['passkeys', 'GET', peoplePaths.passkeys, why.people, 'account'],
  ['passkey-add', 'POST', peoplePaths.passkeys, why.people, 'account'],
  ['passkey-rename', 'POST', `${peoplePaths.passkeys}/rename`, why.people, 'account'],
  ['passkey-remove', 'POST', `${peoplePaths.passkeys}/remove`, why.people, 'account'],
]

const registrationLine: Line = ['register', 'POST', registrationPath, why.clients, 'registration']

/** Every route that the identity server brings. */
export function listEndpoints(
  options: Pick<
    IdentityOptions,
    | 'issuer'
    | 'mail'
    | 'signUp'
    | 'firstAdministrator'
    | 'providers'
    | 'passkeys'
    | 'pages'
    | 'secondFactor'
    | 'registration'
  >,
): IdentityEndpoint[] {
  const { mount, hosts } = toMount(options.issuer)
  const all = [
    ...lines,
    ...(options.mail === undefined ? [] : mailLines),
    ...(options.mail === undefined || options.secondFactor === 'off' ? [] : passwordFactorLines),
    ...(options.signUp === 'open' && options.mail !== undefined ? signUpLines : []),
    ...(options.signUp === 'off' || options.mail === undefined ? [] : form('invitation', peoplePaths.invitation)),
    ...(options.firstAdministrator === undefined ? [] : form('first-administrator', peoplePaths.firstAdministrator)),
    ...(options.providers === undefined ? [] : providersLines),
    ...(toPasskeySite(options) === null ? [] : passkeyLines),
    ...(options.registration === undefined ? [] : [registrationLine]),
    ...(options.secondFactor === 'off' ? [] : factorLines),
  ]
  const endpoints = all.map(
    ([id, method, inner, reason, kind = 'provider']): IdentityEndpoint => ({
      id,
      path: mount + inner,
      methods: [method],
      reason,
      kind,
      inner,
      hosts,
    }),
  )
  if (mount === '') return endpoints
  // RFC 8414 section 3.1 puts the issuer's path behind the well-known one.
  const [id, inner] = ['oauth-authorization-server-of-path', oauthDiscovery]
  const found = {
    id,
    path: inner + mount,
    methods: ['GET'],
    reason: why.discovery,
    kind: 'provider',
    inner,
    hosts,
  } as const
  return [...endpoints, found]
}

/** The path that everything is below; with a host of its own, there is none, and other hosts are left alone. */
export function toMount(issuer: string): { readonly mount: string; readonly hosts: readonly string[] } {
  const { pathname, hostname } = new URL(issuer)
  return pathname === '/' ? { mount: '', hosts: [hostname] } : { mount: pathname, hosts: [] }
}
