import type { CertificateRule, ClientKeys, ClientRecord, ClientSettings } from '../../stores/ports/client-store.ts'
import { toAuthenticationMethod } from './authentication.ts'
import { clientOptions } from './options.ts'

/** What a client is to be, as whoever makes or changes one says it. */
export type GivenSettings = { readonly [Key in keyof ClientSettings]?: ClientSettings[Key] | undefined }

/**
 * The settings of a client by the rules of the policy file, or what is wrong with them in words.
 * @param hasSecret whether it proves who it is by one
 */
export function judgeSettings(id: string, hasSecret: boolean, given: GivenSettings): ClientSettings | string {
  const { name, disabled, keys, certificate, ...others } = given
  const parsed = clientOptions.safeParse({
    id,
    // Only that there is one matters to the rules.
    ...(hasSecret && { secret: 'env:SHOWN_ONCE' }),
    ...(typeof name === 'string' && { name }),
    ...(keys !== undefined && { keys: toWrittenKeys(keys) }),
    ...(certificate !== undefined && { certificate: toWrittenCertificate(certificate) }),
    ...others,
  })
  if (!parsed.success)
    return parsed.error.issues
      .map(({ path, message }) => [...(path.length > 0 ? [path.join('.')] : []), message].join(': '))
      .join('; ')
  const { id: _, secret: __, keys: ___, certificate: shown, ...settings } = parsed.data
  const kept = certificate !== undefined && 'selfSigned' in certificate ? certificate : (shown as CertificateRule)
  return {
    ...{ ...settings, name: settings.name ?? null },
    ...(keys !== undefined && { keys }),
    ...(kept !== undefined && { certificate: kept }),
    ...(disabled === true && { disabled }),
  }
}

function toWrittenKeys(keys: ClientKeys) {
  return 'url' in keys ? keys.url : keys.jwks
}

/** Certificates that are kept were read and judged before. */
function toWrittenCertificate(certificate: CertificateRule) {
  return 'selfSigned' in certificate ? { selfSigned: 'env:KEPT' } : certificate
}

/** What kind of program a client is, as people speak of it. */
export type ClientKind = 'machine' | 'web' | 'native' | 'browser'

export function toClientKind(client: Pick<ClientRecord, 'settings' | 'secrets'>): ClientKind {
  const { grants, redirectUris } = client.settings
  if (!grants.includes('authorizationCode')) return grants.includes('deviceCode') ? 'native' : 'machine'
  if (toAuthenticationMethod(client) !== 'none') return 'web'
  return redirectUris.every((uri) => uri.startsWith('https:')) ? 'browser' : 'native'
}
