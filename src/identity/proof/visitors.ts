import { createProbeId, endOfProbe, probeIdPrefix } from '../../accounts/probe-account.ts'
import type { Provide } from '../../core/ports.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import { passwordHasherPort } from '../../crypto/passwords/password-hasher-port.ts'
import { randomText } from '../../crypto/random-text.ts'
import { type AccountStore, accountStorePort } from '../../stores/ports/account-store.ts'
import { type ClientStore, clientStorePort } from '../../stores/ports/client-store.ts'

/** Somebody whom `prove` made up, and the clients that they log in to. */
export interface Visitors {
  readonly username: string
  readonly password: string
  readonly client: string
  readonly otherClient: string
  remove(): Promise<void>
}

/** Where codes are sent to: nobody is there. */
export const proofRedirectUri = 'https://prove.invalid/callback'

/** A walk takes seconds; one of a hundred failed logins some more. */
const lifetimeMs = 120_000

/** Makes an account and two clients that end by themselves, whether or not they are removed. */
export async function createVisitors(
  { provide, log }: { readonly provide: Provide; readonly log: PolicyLog },
  tenant: string | null,
): Promise<Visitors> {
  const [accounts, clients] = [provide(accountStorePort), provide(clientStorePort)]
  const createdAt = Date.now()
  await removeLeftovers(accounts, createdAt)
  await removeLeftovers(clients, createdAt)
  const end = createdAt + lifetimeMs
  const [username, client, otherClient] = [createProbeId(end), createProbeId(end), createProbeId(end)]
  const password = randomText(32)
  const passwordHash = await provide(passwordHasherPort).hash(password)
  const nothing = { roles: [], scopes: [], attributes: {} }
  await accounts.create({ id: username, username, tenant, passwordHash, ...nothing, createdAt })
  for (const id of [client, otherClient]) await clients.create({ id, settings, secrets: [], createdAt })
  log.info('identity_visitors_made', { account: username, clients: [client, otherClient] })
  return {
    ...{ username, password, client, otherClient },
    async remove() {
      await accounts.remove(username, Date.now())
      for (const id of [client, otherClient]) await clients.remove(id, Date.now())
      log.info('identity_visitors_removed', { account: username })
    },
  }
}

const settings = {
  name: 'portcullis prove',
  grants: ['authorizationCode', 'refreshToken'],
  scopes: [],
  redirectUris: [proofRedirectUri],
  postLogoutRedirectUris: [],
  roles: [],
  consent: 'given',
  dpop: 'optional',
  introspects: 'own',
} as const

/** What a run that was cut off left behind. */
async function removeLeftovers(store: AccountStore | ClientStore, now: number): Promise<void> {
  for (const { id } of await store.list({ after: probeIdPrefix, limit: 100 })) {
    const end = endOfProbe(id)
    if (end !== null && end <= now) await store.remove(id, now)
  }
}
