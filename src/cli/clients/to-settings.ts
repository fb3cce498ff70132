import { type GivenSettings, judgeSettings } from '../../identity/clients/judge-settings.ts'
import type { ClientRecord, ClientSettings } from '../../stores/ports/client-store.ts'
import { KeyCommandError, WrongUseError } from '../keys/key-session.ts'
import { readKeys } from './read-keys.ts'
import type { FileIssuer } from './surroundings.ts'

export const clientTypes = ['web', 'native', 'machine'] as const

/** Lists that a change can empty, by what they are called on the command line. */
export const clearable = {
  scopes: { scopes: [] },
  roles: { roles: [] },
  redirects: { redirectUris: [] },
  'logout-redirects': { postLogoutRedirectUris: [] },
  resources: { resources: undefined },
  name: { name: null },
  acr: { acr: undefined },
} as const satisfies Readonly<Record<string, GivenSettings>>

interface ListOptions {
  readonly name?: string
  readonly grant?: readonly string[]
  readonly scope?: readonly string[]
  readonly redirect?: readonly string[]
  readonly logoutRedirect?: readonly string[]
  readonly role?: readonly string[]
  readonly resource?: readonly string[]
}

export interface AddOptions extends ListOptions {
  readonly type?: (typeof clientTypes)[number]
  readonly public?: true
  readonly firstParty?: true
  readonly acr?: ClientSettings['acr']
  readonly dpop?: true
  readonly introspectsAll?: true
  readonly impersonates?: true
  readonly keys?: string
  readonly signedRequests?: true
  readonly backchannelLogout?: string
  readonly certificateUri?: string
  readonly certificateDns?: string
}

export interface UpdateOptions extends ListOptions {
  readonly clear?: readonly (keyof typeof clearable)[]
  readonly consent?: ClientSettings['consent']
  readonly acr?: ClientSettings['acr']
  readonly dpop?: ClientSettings['dpop']
  readonly introspects?: ClientSettings['introspects']
}

/** Whether it proves who it is by a secret, which is made for it: an app on people's own machines has no place for one. */
export function needsSecret({ type, public: isPublic, keys, certificateUri, certificateDns }: AddOptions): boolean {
  return isPublic !== true && type !== 'native' && (keys ?? certificateUri ?? certificateDns) === undefined
}

/** What a new client may do, judged by the rules of the policy file. Throws what is wrong, in words. */
export async function toSettings(id: string, options: AddOptions): Promise<ClientSettings> {
  const { type, grant, redirect, firstParty, dpop, introspectsAll, certificateUri: uri, certificateDns: dns } = options
  if (type === 'machine' && (grant ?? redirect) !== undefined)
    throw new WrongUseError(
      'A machine has the grant clientCredentials and no redirects: leave --grant and --redirect out.',
    )
  if (type === 'machine' && options.public) throw new WrongUseError('A machine needs a secret: leave --public out.')
  const keys = options.keys === undefined ? undefined : await readKeys(options.keys)
  const judged = judgeSettings(id, needsSecret(options), {
    ...toLists(options),
    ...(type === 'machine' && { grants: ['clientCredentials'] }),
    ...(keys !== undefined && { keys }),
    ...(uri !== undefined && { certificate: { uri } }),
    ...(dns !== undefined && { certificate: { dns } }),
    ...(options.signedRequests && { requestObjects: 'required' }),
    ...(options.backchannelLogout !== undefined && { backchannelLogoutUri: options.backchannelLogout }),
    ...(firstParty && { consent: 'given' }),
    ...(options.acr !== undefined && { acr: options.acr }),
    ...(dpop && { dpop: 'required' }),
    ...(introspectsAll && { introspects: 'all' }),
    ...(options.impersonates && { exchanges: 'impersonate' }),
  })
  if (typeof judged === 'string') throw new WrongUseError(`The client cannot be made. ${judged}.`)
  return judged
}

/** What a client may do from now on: what is not given stays as it is. */
export function changeSettings({ id, settings, secrets }: ClientRecord, options: UpdateOptions): ClientSettings {
  const { clear = [], consent, acr, dpop, introspects } = options
  const changes: GivenSettings = {
    ...toLists(options),
    ...(consent !== undefined && { consent }),
    ...(acr !== undefined && { acr }),
    ...(dpop !== undefined && { dpop }),
    ...(introspects !== undefined && { introspects }),
    ...Object.assign({}, ...clear.map((list) => clearable[list])),
  }
  if (Object.keys(changes).length === 0) throw new WrongUseError('Nothing to change was given; see --help.')
  const judged = judgeSettings(id, secrets.length > 0, { ...settings, ...changes })
  if (typeof judged === 'string') throw new KeyCommandError(`The client is left as it is. ${judged}.`)
  return judged
}

/** What is misspelled would be a resource that nobody can ask for. */
export function checkResources(resources: readonly string[] | undefined, issuer: FileIssuer | null): void {
  const stranger = resources?.find((one) => issuer !== null && !issuer.resources.includes(one))
  if (stranger === undefined) return
  throw new KeyCommandError(
    `"${stranger}" is the identifier of no resource; there are ${issuer?.resources.join(', ')}.`,
  )
}

function toLists({ name, grant, scope, redirect, logoutRedirect, role, resource }: ListOptions): GivenSettings {
  return {
    ...(name !== undefined && { name }),
    // What is no grant is told by the rules.
    ...(grant !== undefined && { grants: grant as ClientSettings['grants'] }),
    ...(scope !== undefined && { scopes: scope }),
    ...(redirect !== undefined && { redirectUris: redirect }),
    ...(logoutRedirect !== undefined && { postLogoutRedirectUris: logoutRedirect }),
    ...(role !== undefined && { roles: role }),
    ...(resource !== undefined && { resources: resource }),
  }
}
