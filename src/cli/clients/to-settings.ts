import { clientOptions } from '../../identity/clients/options.ts'
import type { CertificateRule, ClientSettings } from '../../stores/ports/client-store.ts'
import { WrongUseError } from '../keys/key-session.ts'
import { readKeys } from './read-keys.ts'

export interface AddOptions {
  readonly public?: true
  readonly name?: string
  readonly grant?: readonly string[]
  readonly scope?: readonly string[]
  readonly redirect?: readonly string[]
  readonly logoutRedirect?: readonly string[]
  readonly role?: readonly string[]
  readonly firstParty?: true
  readonly dpop?: true
  readonly introspectsAll?: true
  readonly keys?: string
  readonly signedRequests?: true
  readonly backchannelLogout?: string
  readonly certificateUri?: string
  readonly certificateDns?: string
}

/** Whether it proves who it is by a secret, which is made for it. */
export function needsSecret(options: AddOptions): boolean {
  const { public: isPublic, keys, certificateUri, certificateDns } = options
  return isPublic !== true && (keys ?? certificateUri ?? certificateDns) === undefined
}

/** What a client may do, judged by the rules of the policy file. Throws what is wrong, in words. */
export async function toSettings(id: string, options: AddOptions): Promise<ClientSettings> {
  const parsed = clientOptions.safeParse({
    id,
    // Only that there is one matters to the rules.
    ...(needsSecret(options) && { secret: 'env:SHOWN_ONCE' }),
    ...(options.keys !== undefined && { keys: await readKeys(options.keys) }),
    ...(options.certificateUri !== undefined && { certificate: { uri: options.certificateUri } }),
    ...(options.certificateDns !== undefined && { certificate: { dns: options.certificateDns } }),
    ...(options.signedRequests && { requestObjects: 'required' }),
    ...(options.name !== undefined && { name: options.name }),
    ...(options.grant !== undefined && { grants: options.grant }),
    scopes: options.scope ?? [],
    redirectUris: options.redirect ?? [],
    postLogoutRedirectUris: options.logoutRedirect ?? [],
    ...(options.backchannelLogout !== undefined && { backchannelLogoutUri: options.backchannelLogout }),
    roles: options.role ?? [],
    ...(options.firstParty && { consent: 'given' }),
    ...(options.dpop && { dpop: 'required' }),
    ...(options.introspectsAll && { introspects: 'all' }),
  })
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new WrongUseError(`The client cannot be made. ${lines.join('; ')}.`)
  }
  const { id: _, secret: __, name = null, keys, certificate, ...settings } = parsed.data
  return {
    name,
    ...settings,
    // What was a file was read above.
    ...(keys !== undefined && !('reference' in keys) && { keys }),
    ...(certificate !== undefined && { certificate: certificate as CertificateRule }),
  }
}
