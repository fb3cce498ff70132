import { definePort } from '../../core/ports.ts'

/** A role that was made in the store. Roles of the policy file are not here, and win where a name is in both. */
export interface RoleRecord {
  /** Whose it is; absent: the deployment's. Nobody else knows it. */
  readonly tenant?: string
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
  /** Whose role it is; absent: the deployment's. It is held by callers of that tenant only. */
  readonly tenant?: string
  readonly holder: RoleHolder
  readonly role: string
  readonly createdAt: number
}

export interface AssignmentPage {
  /** Only of roles of this tenant. Default: of those of the deployment. */
  readonly tenant?: string
  readonly role?: string
  readonly holder?: RoleHolder
  /** The last assignment of the page before. */
  readonly after?: Pick<RoleAssignment, 'holder' | 'role'>
  readonly limit: number
}

/** The most roles of the deployment that a store holds: each worker keeps all of them at hand. */
export const maxStoredRoles = 1000

/** The most roles of one tenant that a store holds, so that none takes the place of another's. */
export const maxTenantRoles = 200

/**
 * Roles and who holds them, for those who administer them. Everything rejects with a `StoreError` when the store
 * cannot; every change is in the change log, so that running instances follow at once.
 */
export interface RoleStore {
  /** Those of a tenant, or of the deployment, in the order of names. */
  roles(tenant?: string): Promise<RoleRecord[]>
  /** Rejects with `conflict` where the name is taken, with `full` where there are too many. */
  create(role: RoleRecord): Promise<void>
  /** Removes the role and takes it from everyone. */
  remove(name: string, now: number, tenant?: string): Promise<boolean>
  /** In the order of kind, issuer, id and role. */
  assignments(page: AssignmentPage): Promise<RoleAssignment[]>
  grant(assignment: RoleAssignment): Promise<'granted' | 'already'>
  revoke(holder: RoleHolder, role: string, now: number, tenant?: string): Promise<boolean>
}

export const roleStorePort = definePort<RoleStore>('role-store')

/** What a request needs of the roles. Synchronous where the store is; throws or rejects with a `StoreError`. */
export interface RoleLookup {
  roles(tenant?: string): RoleRecord[] | Promise<RoleRecord[]>
  /** Roles of the deployment, and those of the tenant where one is named. */
  rolesOf(holder: RoleHolder, tenant?: string): GivenRole[] | Promise<GivenRole[]>
}

/** A role that a holder was given, and whose it is. */
export type GivenRole = Pick<RoleAssignment, 'tenant' | 'role'>

export const roleLookupPort = definePort<RoleLookup>('role-lookup')
