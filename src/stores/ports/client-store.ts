import { definePort } from '../../core/ports.ts'

export const clientGrants = [
  'authorizationCode',
  'refreshToken',
  'clientCredentials',
  'deviceCode',
  'tokenExchange',
] as const

export type ClientGrant = (typeof clientGrants)[number]

/** What a client of the identity server may do. Plain JSON. */
export interface ClientSettings {
  /** What people are shown. */
  readonly name: string | null
  readonly grants: readonly ClientGrant[]
  readonly scopes: readonly string[]
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  /** Of the client itself, in tokens that stand for no person. */
  readonly roles: readonly string[]
  /** `given`: it is one of our own, and nobody is asked. */
  readonly consent: 'ask' | 'given'
  readonly dpop: 'optional' | 'required'
  /** Whose tokens it may look into. */
  readonly introspects: 'own' | 'all'
  /** Whether tokens that it exchanges name it as who acts. Default: they do. */
  readonly exchanges?: 'delegate' | 'impersonate'
}

/** A secret of a client, by its digest. Times are epoch milliseconds; null means never. */
export interface ClientSecret {
  readonly digest: string
  readonly createdAt: number
  readonly expiresAt: number | null
}

export interface ClientRecord {
  readonly id: string
  readonly settings: ClientSettings
  /** The present one last. None: a public client, which has nothing to prove itself with. */
  readonly secrets: readonly ClientSecret[]
  readonly createdAt: number
}

export interface SecretRotation {
  readonly id: string
  readonly digest: string
  readonly now: number
  /** How long the secret of before opens too; null: it does not any more. */
  readonly overlapUntil: number | null
}

/** The clients of the identity server, for who administers them. Everything rejects with a `StoreError`. */
export interface ClientStore {
  find(id: string): Promise<ClientRecord | null>
  /** In the order of ids. */
  list(page: { readonly after?: string; readonly limit: number }): Promise<ClientRecord[]>
  /** Rejects with `conflict` where the id is taken. */
  create(client: ClientRecord): Promise<void>
  /** `public`: it has no secret that could be rotated. */
  rotate(rotation: SecretRotation): Promise<'rotated' | 'public' | 'unknown'>
  remove(id: string, now: number): Promise<boolean>
}

export const clientStorePort = definePort<ClientStore>('client-store')

/** What a request needs of the clients. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface ClientLookup {
  find(id: string): ClientRecord | null | Promise<ClientRecord | null>
}

export const clientLookupPort = definePort<ClientLookup>('client-lookup')
