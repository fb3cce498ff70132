import { definePort } from '../../core/ports.ts'

export const clientGrants = [
  'authorizationCode',
  'refreshToken',
  'clientCredentials',
  'deviceCode',
  'tokenExchange',
] as const

export type ClientGrant = (typeof clientGrants)[number]

/** A public key of a client (RFC 7517), as it gave it. */
export type PublicJwk = Readonly<Record<string, unknown>>

/** Keys of a client: themselves, or where it publishes them. */
export type ClientKeys = { readonly jwks: readonly PublicJwk[] } | { readonly url: string }

/** What the certificate of a client says, or which ones they are (DER in base64). */
export type CertificateRule =
  | { readonly uri: string }
  | { readonly dns: string }
  | { readonly email: string }
  | { readonly subject: readonly Readonly<Record<string, string>>[] }
  | { readonly selfSigned: readonly string[] }

/** Why something that is refused elsewhere may be. */
export interface Allowance {
  readonly reason: string
}

/** A grant that a client has until a day, `2027-01-31`, that one included. */
export interface LegacyGrant {
  readonly reason: string
  readonly until: string
}

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
  /** Grants of old, for clients of the policy file only. */
  readonly legacy?:
    | { readonly implicit?: LegacyGrant | undefined; readonly password?: LegacyGrant | undefined }
    | undefined
  /** Whether tokens that it exchanges name it as who acts. Default: they do. */
  readonly exchanges?: 'delegate' | 'impersonate'
  /** What it signs with: request objects and, where it has no secret, who it is. */
  readonly keys?: ClientKeys | undefined
  /** By which certificate it proves who it is, instead of a secret or keys. */
  readonly certificate?: CertificateRule | undefined
  /** Whether its tokens are bound to the certificate that it shows. */
  readonly certificateBoundTokens?: boolean | undefined
  /** Whether its authorization requests must be signed (RFC 9101). */
  readonly requestObjects?: 'optional' | 'required' | undefined
  /** Where it is told that somebody has logged out. */
  readonly backchannelLogoutUri?: string | undefined
  /** How strongly people have to log in to it. */
  readonly acr?: 'aal2' | undefined
  /** It made itself, by an invitation. */
  readonly registered?: boolean | undefined
  /** Lets its own addresses, which we call, be on a loopback or private address, or over plain HTTP. */
  readonly allowPrivateAddress?: Allowance | undefined
  readonly allowPlainHttp?: Allowance | undefined
  /** Identifiers of the resources that it may ask for; absent: all that its issuer has. */
  readonly resources?: readonly string[] | undefined
  /** Until it is enabled again, nobody answers it. */
  readonly disabled?: true
}

/** A secret of a client, by its digest. Times are epoch milliseconds; null means never. */
export interface ClientSecret {
  readonly digest: string
  readonly createdAt: number
  readonly expiresAt: number | null
}

export interface ClientRecord {
  /** Absent: it belongs to no tenant. */
  readonly tenant?: string
  /** Unique within its tenant. */
  readonly id: string
  readonly settings: ClientSettings
  /** The present one last. With none it proves itself by something else in its settings, or is public. */
  readonly secrets: readonly ClientSecret[]
  readonly createdAt: number
}

export interface SecretRotation {
  readonly tenant?: string
  readonly id: string
  readonly digest: string
  readonly now: number
  /** How long the secret of before opens too; null: it does not any more. */
  readonly overlapUntil: number | null
}

export interface ClientPage {
  /** Without it, those of no tenant. */
  readonly tenant?: string
  readonly after?: string
  readonly limit: number
}

/**
 * The clients of the identity server, for who administers them: those of one tenant, or of none. Everything rejects with a
 * `StoreError`.
 */
export interface ClientStore {
  find(id: string, tenant?: string): Promise<ClientRecord | null>
  /** In the order of ids. */
  list(page: ClientPage): Promise<ClientRecord[]>
  /** Rejects with `conflict` where the id is taken. */
  create(client: ClientRecord): Promise<void>
  /** Other settings, the secrets as they are; false where there is no such client. */
  update(client: Pick<ClientRecord, 'id' | 'tenant' | 'settings'>, now: number): Promise<boolean>
  /** `public`: it has no secret that could be rotated. */
  rotate(rotation: SecretRotation): Promise<'rotated' | 'public' | 'unknown'>
  remove(id: string, now: number, tenant?: string): Promise<boolean>
}

export const clientStorePort = definePort<ClientStore>('client-store')

/** What a request needs of the clients. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface ClientLookup {
  find(id: string, tenant?: string): ClientRecord | null | Promise<ClientRecord | null>
}

export const clientLookupPort = definePort<ClientLookup>('client-lookup')
