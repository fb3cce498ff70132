import type { MintedCredential, MintRequest, PolicyDeps } from '../../core/policy.ts'
import { createApiKey } from '../../crypto/api-key.ts'
import { keyStorePort } from '../../stores/ports/key-store.ts'
import type { ApiKeyOptions } from './options.ts'

/** Under this owner stand the keys that `prove` makes for itself. */
const owner = 'portcullis-prove'
const maxLifetimeSeconds = 60

/** Makes a key that lives for at most a minute, and writes it down in the log. */
export async function mint(
  options: ApiKeyOptions,
  { roles, scopes, tenant, lifetimeSeconds }: MintRequest,
  { provide, now, log }: PolicyDeps,
): Promise<MintedCredential | null> {
  const field = options.bearer ? 'authorization' : options.headers[0]
  // A credential is handed over as header fields.
  if (field === undefined) return null
  const store = provide(keyStorePort)
  const createdAt = now()
  const expiresAt = createdAt + Math.min(lifetimeSeconds, maxLifetimeSeconds) * 1000
  // What a run that was cut off left behind.
  await store.removeEnded(owner, createdAt)
  const { id, text, digest } = createApiKey()
  const environment = options.environments?.[0] ?? null
  const common = { id, owner, name: 'probe', tenant: tenant ?? null, cidrs: [], environment }
  await store.create({ ...common, roles, scopes, createdAt, expiresAt, digest })
  log.info('api_key_minted', { key: id, owner, roles, scopes, expiresAt })
  return {
    headers: [[field, options.bearer ? `Bearer ${text}` : text]],
    async revoke() {
      await store.remove(id, now())
      log.info('api_key_removed', { key: id, owner })
    },
  }
}
