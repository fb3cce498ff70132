import type { MintedCredential, MintRequest, PolicyDeps } from '../../core/policy.ts'
import { createSessionSecret } from '../../crypto/session-secret.ts'
import { sessionStorePort } from '../../stores/ports/session-store.ts'
import { pageFields } from '../page-fields.ts'
import { readSettings } from '../sessions-block.ts'
import type { SessionOptions } from './options.ts'

/** For this principal stand the sessions that `prove` makes for itself. */
const owner = 'portcullis-prove'
const maxLifetimeSeconds = 60

/** Makes a session that lives for at most a minute, as a page of the same origin would use it, and logs that. */
export async function mint(
  _options: SessionOptions,
  { roles, scopes, tenant, lifetimeSeconds, assurance }: MintRequest,
  { provide, block, now, log }: PolicyDeps,
): Promise<MintedCredential> {
  const { cookie } = readSettings(block)
  const store = provide(sessionStorePort)
  const createdAt = now()
  const lifetimeMs = Math.min(lifetimeSeconds, maxLifetimeSeconds) * 1000
  const { text, id, digest } = createSessionSecret()
  const caller = { id: owner, kind: 'service', issuer: 'portcullis', tenant: tenant ?? null, roles, scopes } as const
  await store.create({
    id,
    digest,
    // A login of long ago says as little as none.
    caller: {
      ...caller,
      attributes: {},
      assurance: assurance ?? null,
      authenticatedAt: assurance === undefined ? 0 : createdAt,
    },
    createdAt,
    idleMs: lifetimeMs,
    endsAt: createdAt + lifetimeMs,
    userAgent: null,
    address: null,
    maxPerPrincipal: 100,
  })
  log.info('session_minted', { session: id, principal: owner, roles, scopes })
  return {
    headers: [['cookie', `${cookie}=${text}`]],
    page: pageFields,
    id,
    async revoke() {
      await store.revoke(id, now())
      log.info('session_ended', { session: id })
    },
  }
}
