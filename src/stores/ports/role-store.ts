import { definePort } from '../../core/ports.ts'

/** A role that was made in the store. Roles of the policy file are not here, and win where a name is in both. */
export interface RoleRecord {
  readonly name: string
  /** Roles that whoever holds this one holds as well. */
  readonly inherits: readonly string[]
  /** `resource:action`, each of which may be `*`. */
  readonly permissions: readonly string[]
  readonly description: string | null
  /** Epoch milliseconds. */
  readonly createdAt: number
}

export const holderKinds = ['principal', 'key', 'group', 'client'] as const

/** Who a role is given to: a principal, one API key, everyone of a group, everyone who comes through a client. */
export interface RoleHolder {
  readonly kind: (typeof holderKinds)[number]
  /** Who vouches for `id`; `portcullis` for keys. */
  readonly issuer: string
  readonly id: string
}

export interface RoleAssignment {
  readonly holder: RoleHolder
  readonly role: string
  readonly createdAt: number
}

export interface AssignmentPage {
  readonly role?: string
  readonly holder?: RoleHolder
  /** The last assignment of the page before. */
  readonly after?: Omit<RoleAssignment, 'createdAt'>
  readonly limit: number
}

/** The most roles that a store holds: each worker keeps all of them at hand. */
export const maxStoredRoles = 1000

/**
 * Roles and who holds them, for those who administer them. Everything rejects with a `StoreError` when the store
 * cannot; every change is in the change log, so that running instances follow at once.
 */
export interface RoleStore {
  /** In the order of names. */
  roles(): Promise<RoleRecord[]>
  /** Rejects with `conflict` where the name is taken, with `full` where there are too many. */
  create(role: RoleRecord): Promise<void>
  /** Removes the role and takes it from everyone. */
  remove(name: string, now: number): Promise<boolean>
  /** In the order of kind, issuer, id and role. */
  assignments(page: AssignmentPage): Promise<RoleAssignment[]>
  grant(assignment: RoleAssignment): Promise<'granted' | 'already'>
  revoke(holder: RoleHolder, role: string, now: number): Promise<boolean>
}

export const roleStorePort = definePort<RoleStore>('role-store')

/** What a request needs of the roles. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface RoleLookup {
  roles(): RoleRecord[] | Promise<RoleRecord[]>
  rolesOf(holder: RoleHolder): string[] | Promise<string[]>
}

export const roleLookupPort = definePort<RoleLookup>('role-lookup')
