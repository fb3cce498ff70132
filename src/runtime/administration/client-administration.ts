import { createClientSecret } from '../../identity/clients/client-secret.ts'
import { type GivenSettings, judgeSettings } from '../../identity/clients/judge-settings.ts'
import { listIssuers } from '../../identity/issuers.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { listResources } from '../../identity/resources.ts'
import { toIssuedTokens } from '../../identity/tokens/issued-tokens.ts'
import type { ClientRecord, ClientSettings } from '../../stores/ports/client-store.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import type { Store } from '../../stores/store.ts'
import { auditClients } from '../audited-clients.ts'
import { disableClient, removeClient } from '../end-client.ts'
import { AdministrationError } from './administration-error.ts'

/** A client, without its secrets. */
export interface Client {
  readonly id: string
  readonly tenant: string | null
  readonly settings: ClientSettings
  /** How many secrets open it now. */
  readonly secrets: number
  /** Epoch milliseconds. */
  readonly createdAt: number
}

export interface NewClient extends GivenSettings {
  readonly id: string
  readonly tenant?: string
  /** It has no place for a secret: an app, a page. Default false. */
  readonly public?: boolean
}

export interface ClientOf {
  /** Default: it belongs to no tenant. */
  readonly tenant?: string
}

/** The secret is told this once, and stored as a digest. */
export interface WithSecret {
  readonly client: Client
  /** Null for one that has none. */
  readonly secret: string | null
}

/**
 * The clients of the store, as `portcullis clients` has them; those of the policy file are changed there. Whatever is changed
 * holds in every running instance within a second, and is told in the audit trail. Everything rejects with an
 * `AdministrationError`, or with a `StoreError` where the store cannot.
 */
export interface ClientAdministration {
  /** By the rules of the policy file. Rejects with `taken`, `invalid` or `unknown` (the tenant). */
  add(client: NewClient): Promise<WithSecret>
  find(id: string, of?: ClientOf): Promise<Client | null>
  /** In the order of ids, `limit` at most; `after` is the last id of the page before. */
  list(page: ClientOf & { readonly after?: string; readonly limit: number }): Promise<Client[]>
  /** What is not given stays as it is. Rejects with `unknown` or `invalid`. */
  update(id: string, changes: GivenSettings, of?: ClientOf): Promise<Client>
  /**
   * A new secret; the one of before opens for `overlapMs` more, a day by default. Rejects with `unknown`, or with `invalid`
   * where it has no secret.
   */
  rotate(id: string, options?: ClientOf & { readonly overlapMs?: number }): Promise<WithSecret>
  /** With the tokens that it has. Rejects with `unknown`. */
  disable(id: string, of?: ClientOf): Promise<Client>
  enable(id: string, of?: ClientOf): Promise<Client>
  /** With the tokens that it has. Rejects with `unknown`. */
  remove(id: string, of?: ClientOf): Promise<void>
}

export interface ClientAdministrationDeps {
  readonly store: Store
  readonly actor: string
  readonly identity: IdentityOptions | null
  readonly now: () => number
}

const dayMs = 86_400_000

export function createClientAdministration(deps: ClientAdministrationDeps): ClientAdministration {
  const { store, actor, identity, now } = deps
  const clients = auditClients(store.db, actor)

  async function require(id: string, { tenant }: ClientOf): Promise<ClientRecord> {
    const client = await clients.find(id, tenant)
    if (client === null) throw new AdministrationError('unknown', `The store has no client "${id}".`)
    return client
  }

  function requireIssuer(tenant: string | undefined): IdentityOptions {
    if (identity === null) throw new AdministrationError('invalid', 'The policy file has no block `identity`.')
    const issuer = listIssuers(identity).find(({ realm }) => realm === tenant)
    if (issuer === undefined) throw new AdministrationError('unknown', `The policy file has no tenant "${tenant}".`)
    return issuer
  }

  function judge(id: string, of: ClientOf, hasSecret: boolean, given: GivenSettings): ClientSettings {
    const settings = judgeSettings(id, hasSecret, given)
    if (typeof settings === 'string') throw new AdministrationError('invalid', settings)
    const known = listResources(requireIssuer(of.tenant)).map(({ identifier }) => identifier)
    const stranger = settings.resources?.find((resource) => !known.includes(resource))
    if (stranger === undefined) return settings
    throw new AdministrationError('invalid', `"${stranger}" is the identifier of no resource.`)
  }

  async function change(id: string, of: ClientOf, work: (client: ClientRecord) => ClientSettings): Promise<Client> {
    const client = await require(id, of)
    await clients.update({ ...client, settings: work(client) }, now())
    return toClient(await require(id, of), now())
  }

  return {
    async add({ id, tenant, public: isPublic = false, ...given }) {
      const of = { ...(tenant !== undefined && { tenant }) }
      const hasSecret = !isPublic && given.keys === undefined && given.certificate === undefined
      const settings = judge(id, of, hasSecret, given)
      if (requireIssuer(tenant).clients.some((client) => client.id === id)) throw taken(id)
      const [secret, at] = [hasSecret ? createClientSecret() : null, now()]
      const secrets = secret === null ? [] : [{ digest: secret.digest, createdAt: at, expiresAt: null }]
      await clients.create({ ...of, id, settings, secrets, createdAt: at }).catch((error: unknown) => {
        throw error instanceof StoreError && error.failure === 'conflict' ? taken(id) : error
      })
      return { client: toClient(await require(id, of), at), secret: secret?.text ?? null }
    },
    async find(id, of = {}) {
      const client = await clients.find(id, of.tenant)
      return client === null ? null : toClient(client, now())
    },
    list: async (page) => (await clients.list(page)).map((client) => toClient(client, now())),
    update: (id, changes, of = {}) =>
      change(id, of, ({ settings, secrets }) => judge(id, of, secrets.length > 0, { ...settings, ...changes })),
    async rotate(id, { tenant, overlapMs = dayMs } = {}) {
      const of = { ...(tenant !== undefined && { tenant }) }
      const [secret, at] = [createClientSecret(), now()]
      const overlapUntil = overlapMs === 0 ? null : at + overlapMs
      const result = await clients.rotate({ ...of, id, digest: secret.digest, now: at, overlapUntil })
      if (result === 'public') throw new AdministrationError('invalid', `The client "${id}" has no secret.`)
      return { client: toClient(await require(id, of), at), secret: secret.text }
    },
    async disable(id, of = {}) {
      const [client, at] = [await require(id, of), now()]
      const tokens = identity === null ? null : toIssuedTokens(requireIssuer(of.tenant), at)
      await disableClient(store.db, actor, client, tokens, at)
      return toClient(await require(id, of), at)
    },
    enable: (id, of = {}) => change(id, of, ({ settings: { disabled: _, ...settings } }) => settings),
    async remove(id, { tenant } = {}) {
      const at = now()
      const tokens = identity === null ? null : toIssuedTokens(requireIssuer(tenant), at)
      if (!(await removeClient(store.db, actor, { id, tenant }, tokens, at)))
        await require(id, { ...(tenant && { tenant }) })
    },
  }
}

function toClient({ id, tenant, settings, secrets, createdAt }: ClientRecord, now: number): Client {
  const open = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
  return { id, tenant: tenant ?? null, settings, secrets: open.length, createdAt }
}

function taken(id: string): AdministrationError {
  return new AdministrationError('taken', `There is a client "${id}" already.`)
}
