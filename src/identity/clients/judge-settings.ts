import type { ClientRecord, ClientSettings } from '../../stores/ports/client-store.ts'
import { toClientSettings } from './file-clients.ts'
import { clientOptions } from './options.ts'

/** What a client is to be, as whoever makes or changes one says it. */
export type GivenSettings = { readonly [Key in keyof ClientSettings]?: ClientSettings[Key] | undefined }

/**
 * The settings of a client by the rules of the policy file, or what is wrong with them in words.
 * @param isPublic whether it has no secret
 */
export function judgeSettings(id: string, isPublic: boolean, given: GivenSettings): ClientSettings | string {
  const { name, disabled, ...others } = given
  const parsed = clientOptions.safeParse({
    id,
    // Only that there is one matters to the rules.
    ...(!isPublic && { secret: 'env:SHOWN_ONCE' }),
    ...(typeof name === 'string' && { name }),
    ...others,
  })
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return { ...toClientSettings(parsed.data), ...(disabled === true && { disabled }) }
}

/** What kind of program a client is, as people speak of it. */
export type ClientKind = 'machine' | 'web' | 'native' | 'browser'

export function toClientKind({ settings, secrets }: Pick<ClientRecord, 'settings' | 'secrets'>): ClientKind {
  if (!settings.grants.includes('authorizationCode')) return 'machine'
  if (secrets.length > 0) return 'web'
  return settings.redirectUris.every((uri) => uri.startsWith('https:')) ? 'browser' : 'native'
}
