import type { ClientGrant, ClientSettings } from '../../stores/ports/client-store.ts'
import { grantTypes } from '../clients/metadata.ts'
import { clientOptions } from '../clients/options.ts'
import { parseClientKeys } from '../clients/parse-keys.ts'
import { isLoopback } from '../loopback.ts'
import { findGrantProblem, findProofProblem, findTextProblem, type Metadata, proofs } from './metadata-problems.ts'
import type { RegistrationOptions } from './options.ts'

/** Why a registration is refused (RFC 7591 section 3.2.2). */
export interface RegistrationProblem {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata'
  readonly error_description: string
}

export interface Wanted {
  readonly settings: ClientSettings
  readonly proof: (typeof proofs)[keyof typeof proofs]
}

const grantsByType = new Map(Object.entries(grantTypes).map(([grant, type]) => [type, grant as ClientGrant]))

/**
 * What a program wants to be as a client, within what the file lets it have. Only what is read here counts: who is one of
 * our own, whose tokens it may look into and which roles it has is for those who run the server.
 */
export function readMetadata(body: Metadata, limits: RegistrationOptions): Wanted | RegistrationProblem {
  const problem = findProofProblem(body) ?? findGrantProblem(body, limits) ?? findTextProblem(body)
  if (problem !== null) return { error: 'invalid_client_metadata', error_description: problem }
  const { token_endpoint_auth_method: method = 'client_secret_basic', jwks } = body
  const proof = proofs[method as keyof typeof proofs]
  const parsed = clientOptions.safeParse({
    id: 'new',
    ...(proof === 'secret' && { secret: 'env:SHOWN_ONCE' }),
    ...(jwks !== undefined && { keys: parseClientKeys(jwks) }),
    ...(body.client_name !== undefined && { name: body.client_name }),
    grants: ((body.grant_types ?? ['authorization_code']) as string[]).map((type) => grantsByType.get(type)),
    scopes: toScopes((body.scope ?? '') as string, limits),
    redirectUris: body.redirect_uris ?? [],
    postLogoutRedirectUris: body.post_logout_redirect_uris ?? [],
    ...(body.dpop_bound_access_tokens === true && { dpop: 'required' }),
    ...(body.require_signed_request_object === true && { requestObjects: 'required' }),
  })
  if (!parsed.success) {
    const [{ path = [], message = '' } = {}] = parsed.error.issues
    const error = path[0] === 'redirectUris' ? 'invalid_redirect_uri' : 'invalid_client_metadata'
    return { error, error_description: `${String(path[0] ?? 'it')} ${message}`.slice(0, 300) }
  }
  const { id: _, secret: __, keys: ___, certificate: ____, name = null, ...settings } = parsed.data
  const uris = [...settings.redirectUris, ...settings.postLogoutRedirectUris]
  if (!uris.every((uri) => limits.redirects.includes(toKind(uri)))) {
    const error_description = `addresses may be of these kinds only: ${limits.redirects.join(', ')}`
    return { error: 'invalid_redirect_uri', error_description }
  }
  const keys = jwks === undefined ? {} : { keys: { jwks: parseClientKeys(jwks) } }
  return { settings: { name, ...settings, ...keys, registered: true }, proof }
}

/** As at the token endpoint: what it may not have is left out, and the answer says what is left. */
function toScopes(scope: string, { scopes }: RegistrationOptions): readonly string[] {
  const wanted = new Set(scope.split(' '))
  return scope === '' ? scopes : scopes.filter((one) => wanted.has(one))
}

function toKind(uri: string): RegistrationOptions['redirects'][number] {
  const { protocol, hostname } = new URL(uri)
  if (protocol !== 'https:' && protocol !== 'http:') return 'app'
  return isLoopback(hostname) ? 'loopback' : 'https'
}
