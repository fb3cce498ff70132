import { grantTypes } from '../clients/metadata.ts'
import { parseClientKeys } from '../clients/parse-keys.ts'
import type { RegistrationOptions } from './options.ts'

/** What a program asks for, as it came (RFC 7591 section 2). */
export type Metadata = Readonly<Record<string, unknown>>

/** How a registered client may prove who it is, by the names of OAuth. */
export const proofs = {
  none: 'none',
  client_secret_basic: 'secret',
  client_secret_post: 'secret',
  private_key_jwt: 'keys',
} as const

/** What people can tell from what it looks like: no letters that turn or hide others. */
const plainName = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u

/** What is wrong with how it would prove who it is; null where nothing is. */
export function findProofProblem({ token_endpoint_auth_method: method = 'client_secret_basic', ...body }: Metadata) {
  if (typeof method !== 'string' || !Object.hasOwn(proofs, method)) {
    return `token_endpoint_auth_method must be one of ${Object.keys(proofs).join(', ')}`
  }
  // No address of a stranger is asked for anything.
  if (body.jwks_uri !== undefined) return 'jwks_uri is not asked for: give the keys as jwks'
  if (body.jwks === undefined) return method === 'private_key_jwt' ? 'private_key_jwt needs jwks' : null
  if (method === 'none') return 'jwks: a client that proves nothing has none'
  try {
    parseClientKeys(body.jwks)
    return null
  } catch (error) {
    return `jwks: ${(error as Error).message}`
  }
}

/** What is wrong with how it would get tokens. */
export function findGrantProblem({ grant_types: types = [], ...body }: Metadata, { grants }: RegistrationOptions) {
  const allowed: readonly string[] = grants.map((grant) => grantTypes[grant])
  if (!isTexts(types) || types.some((type) => !allowed.includes(type))) {
    return `grant_types may hold ${allowed.join(', ')} only`
  }
  const { response_types: responses = [], subject_type: subject = 'public' } = body
  if (!isTexts(responses) || responses.some((one) => one !== 'code')) return 'response_types may hold code only'
  return subject === 'public' ? null : 'subject_type must be public'
}

export function findTextProblem({ client_name: name, scope = '' }: Metadata) {
  if (name !== undefined && !(typeof name === 'string' && plainName.test(name))) {
    return 'client_name must be up to 100 letters, digits and signs'
  }
  return typeof scope === 'string' && scope.length <= 10_000 ? null : 'scope must be a text'
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 50 && value.every((one) => typeof one === 'string')
}
