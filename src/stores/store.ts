import type { Kysely } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import type { AccountLookup, AccountStore } from './ports/account-store.ts'
import type { ChangeLog } from './ports/change-log.ts'
import type { KeyLookup, KeyStore } from './ports/key-store.ts'
import type { RevocationLookup, RevocationStore } from './ports/revocation-store.ts'
import type { RoleLookup, RoleStore } from './ports/role-store.ts'
import type { Tables } from './schema.ts'

/** Where everything durable is kept, with every reference resolved: an absolute path, or a URL with its password. */
export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** Everything that is kept in one database, for those who may write. */
export interface Store {
  /** For messages: a path, or a server without its password. */
  readonly name: string
  /** What further stores are made on. */
  readonly db: Kysely<Tables>
  readonly keys: KeyStore
  readonly accounts: AccountStore
  readonly roles: RoleStore
  readonly revocations: RevocationStore
  readonly changes: ChangeLog
  close(): void | Promise<void>
}

/** The same for a thread that serves requests. */
export interface StoreReader {
  /** Whether this thread may write by itself: a file has one writer, a server any number. */
  readonly writes: boolean
  readonly db: Kysely<Tables>
  readonly read: ReadRows
  readonly keys: KeyLookup
  readonly accounts: AccountLookup
  readonly roles: RoleLookup
  readonly revocations: RevocationLookup
  readonly changes: ChangeLog
  close(): void | Promise<void>
}
