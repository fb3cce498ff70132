import { clientOptions } from '../../identity/clients/options.ts'
import type { ClientSettings } from '../../stores/ports/client-store.ts'
import { WrongUseError } from '../keys/key-session.ts'

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
  readonly impersonates?: true
}

/** What a client may do, judged by the rules of the policy file. Throws what is wrong, in words. */
export function toSettings(id: string, options: AddOptions): ClientSettings {
  const parsed = clientOptions.safeParse({
    id,
    // Only that there is one matters to the rules.
    ...(options.public !== true && { secret: 'env:SHOWN_ONCE' }),
    ...(options.name !== undefined && { name: options.name }),
    ...(options.grant !== undefined && { grants: options.grant }),
    scopes: options.scope ?? [],
    redirectUris: options.redirect ?? [],
    postLogoutRedirectUris: options.logoutRedirect ?? [],
    roles: options.role ?? [],
    ...(options.firstParty && { consent: 'given' }),
    ...(options.dpop && { dpop: 'required' }),
    ...(options.introspectsAll && { introspects: 'all' }),
    ...(options.impersonates && { exchanges: 'impersonate' }),
  })
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new WrongUseError(`The client cannot be made. ${lines.join('; ')}.`)
  }
  const { id: _, secret: __, name = null, ...settings } = parsed.data
  return { name, ...settings }
}
