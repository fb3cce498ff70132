import { type Refusal, type Reply, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isJsonType, parseJsonBody } from '../../core/json-body.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { registrationStorePort } from '../../stores/ports/registration-store.ts'
import { createClientSecret } from '../clients/client-secret.ts'
import { personScopes, toMetadata } from '../clients/metadata.ts'
import type { IdentityDeps } from '../deps.ts'
import type { Metadata } from './metadata-problems.ts'
import type { RegistrationOptions } from './options.ts'
import { type RegistrationProblem, readMetadata } from './read-metadata.ts'

/** More than the metadata of any program. */
const maxBodyBytes = 16 * 1024
const maxTokenLength = 200
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/** Makes a client of whoever shows an invitation (RFC 7591 section 3). */
export function createRegistration(limits: RegistrationOptions, { provide, now, log }: IdentityDeps) {
  const store = provide(registrationStorePort)

  return async (exchange: Exchange): Promise<Reply | Refusal> => {
    const digest = readInvitation(exchange)
    if (digest === null || !(await store.isOpen(digest, now()))) return refuseInvitation()
    const bytes = await exchange.body.collect(maxBodyBytes)
    if ('kind' in bytes) return bytes
    const body = isJsonType(exchange.headers.get('content-type')) ? parseJsonBody(bytes) : null
    if (body === null || !body.ok || !isObject(body.value)) {
      return answer(400, { error: 'invalid_client_metadata', error_description: 'the body must be a JSON object' })
    }
    const wanted = readMetadata(body.value, limits)
    if ('error' in wanted) return refuseMetadata(wanted)
    const secret = wanted.proof === 'secret' ? createClientSecret() : null
    const createdAt = now()
    const secrets = secret === null ? [] : [{ digest: secret.digest, createdAt, expiresAt: null }]
    const client: ClientRecord = { id: `reg-${randomText(22)}`, settings: wanted.settings, secrets, createdAt }
    // Others may have used it up since it was looked at.
    if ((await store.register(digest, client)) === 'refused') return refuseInvitation()
    log.info('client_registered', { client: client.id })
    return answer(201, toAnswer(client, secret?.text ?? null))
  }

  function refuseMetadata(problem: RegistrationProblem): Reply {
    log.info('client_not_registered', { error: problem.error, reason: problem.error_description })
    return answer(400, problem)
  }
}

function readInvitation({ headers }: Exchange): string | null {
  const shown = headers.all('authorization')
  const token = shown.length === 1 ? bearer.exec(shown[0] as string)?.[1] : undefined
  return token === undefined || token.length > maxTokenLength ? null : digestSecret(token)
}

/** The same for a token that never was, one that has ended and one that was used up. */
function refuseInvitation(): Reply {
  const error = { error: 'invalid_token', error_description: 'the invitation is not, or no longer, good' }
  return answer(401, error, [['www-authenticate', 'Bearer error="invalid_token"']])
}

/** What the client is; its secret is said this once. */
function toAnswer(client: ClientRecord, secret: string | null): object {
  const { client_secret: _, scope: __, ...metadata } = toMetadata(client)
  const { grants, scopes } = client.settings
  return {
    ...metadata,
    scope: [...(grants.includes('authorizationCode') ? personScopes : []), ...scopes].join(' '),
    client_id_issued_at: Math.floor(client.createdAt / 1000),
    ...(secret !== null && { client_secret: secret, client_secret_expires_at: 0 }),
  }
}

function answer(status: number, body: object, headers: readonly (readonly [string, string])[] = []): Reply {
  const fields = [['content-type', 'application/json'], ['cache-control', 'no-store'], ...headers] as const
  return reply(status, fields, Buffer.from(JSON.stringify(body)))
}

function isObject(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
