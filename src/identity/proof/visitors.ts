import { createProbeId, endOfProbe, probeIdPrefix } from '../../accounts/probe-account.ts'
import type { Provide } from '../../core/ports.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import { passwordHasherPort } from '../../crypto/passwords/password-hasher-port.ts'
import { randomText } from '../../crypto/random-text.ts'
import { type AccountStore, accountStorePort } from '../../stores/ports/account-store.ts'
import { type ClientStore, clientStorePort } from '../../stores/ports/client-store.ts'
import { type AccountRemoval, peopleStorePort } from '../../stores/ports/people-store.ts'
import type { IdentityOptions } from '../options.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'

/** Somebody whom `prove` made up. */
export interface MadeUpPerson {
  /** Their id as well. */
  readonly username: string
  readonly password: string
  remove(): Promise<void>
}

/** One, and the clients that they log in to. */
export interface Visitors extends MadeUpPerson {
  readonly client: string
  readonly otherClient: string
}

/** Where codes are sent to: nobody is there. */
export const proofRedirectUri = 'https://prove.invalid/callback'

/** A walk takes seconds; one of a hundred failed logins some more. */
const lifetimeMs = 120_000

interface Means {
  readonly provide: Provide
  readonly log: PolicyLog
}

/** Makes an account that ends by itself, whether or not it is removed. */
export async function createPerson({ provide, log }: Means, identity: IdentityOptions): Promise<MadeUpPerson> {
  const [accounts, people] = [provide(accountStorePort), provide(peopleStorePort)]
  const remove = (accountId: string, now: number) => people.remove(toWholeRemoval(accountId, identity, now))
  const createdAt = Date.now()
  await removeLeftovers(accounts, createdAt, remove)
  const username = createProbeId(createdAt + lifetimeMs)
  const password = randomText(32)
  const passwordHash = await provide(passwordHasherPort).hash(password)
  const nothing = { roles: [], scopes: [], attributes: {} }
  const tenant = identity.tenant ?? null
  await accounts.create({ id: username, username, tenant, passwordHash, ...nothing, createdAt })
  log.info('identity_person_made', { account: username })
  return {
    username,
    password,
    async remove() {
      await remove(username, Date.now())
      log.info('identity_person_removed', { account: username })
    },
  }
}

/** Makes one with two clients, which end as well. */
export async function createVisitors(means: Means, identity: IdentityOptions): Promise<Visitors> {
  const clients = means.provide(clientStorePort)
  const createdAt = Date.now()
  await removeLeftovers(clients, createdAt, clients.remove)
  const [client, otherClient] = [createProbeId(createdAt + lifetimeMs), createProbeId(createdAt + lifetimeMs)]
  const person = await createPerson(means, identity)
  for (const id of [client, otherClient]) await clients.create({ id, settings, secrets: [], createdAt })
  means.log.info('identity_clients_made', { clients: [client, otherClient] })
  return {
    ...person,
    client,
    otherClient,
    async remove() {
      await person.remove()
      for (const id of [client, otherClient]) await clients.remove(id, Date.now())
      means.log.info('identity_clients_removed', { clients: [client, otherClient] })
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

/** With its logins and everything that they led to. Nobody else ever has its name. */
function toWholeRemoval(accountId: string, identity: IdentityOptions, now: number): AccountRemoval {
  return { accountId, tokens: toIssuedTokens(identity, now), now, nameDigests: [], reserved: null, mail: null }
}

/** What a run that was cut off left behind. */
async function removeLeftovers(
  store: Pick<AccountStore | ClientStore, 'list'>,
  now: number,
  remove: (id: string, now: number) => Promise<unknown>,
): Promise<void> {
  for (const { id } of await store.list({ after: probeIdPrefix, limit: 100 })) {
    const end = endOfProbe(id)
    if (end !== null && end <= now) await remove(id, now)
  }
}
