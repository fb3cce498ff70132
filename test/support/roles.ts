import type { Port } from '../../src/core/ports.ts'
import { changeEpochPort } from '../../src/stores/ports/change-log.ts'
import {
  type GivenRole,
  type RoleHolder,
  type RoleLookup,
  type RoleRecord,
  roleLookupPort,
} from '../../src/stores/ports/role-store.ts'

/** What a store says of roles, and a log of changes, in memory: counts what it is asked. */
export class TestRoles implements RoleLookup {
  definitions: RoleRecord[] = []
  readonly given: (GivenRole & { holder: RoleHolder })[] = []
  epoch = 0
  readable = true
  asked = 0
  failing = false
  /** Answers with promises, as a database across the network does. */
  remote = false

  roles(tenant?: string): RoleRecord[] | Promise<RoleRecord[]> {
    return this.#answer(this.definitions.filter((role) => role.tenant === tenant))
  }

  rolesOf(holder: RoleHolder, tenant?: string): GivenRole[] | Promise<GivenRole[]> {
    const same = (other: RoleHolder) =>
      other.kind === holder.kind && other.issuer === holder.issuer && other.id === holder.id
    const known = (one: GivenRole) => one.tenant === undefined || one.tenant === tenant
    return this.#answer(this.given.filter((one) => same(one.holder) && known(one)))
  }

  ports(): (readonly [Port<unknown>, unknown])[] {
    return [
      [roleLookupPort, this],
      [changeEpochPort, { current: () => this.epoch, readable: () => this.readable }],
    ]
  }

  #answer<T>(value: T): T | Promise<T> {
    this.asked++
    if (!this.failing) return this.remote ? Promise.resolve(value) : value
    const error = new Error('the store is gone')
    if (this.remote) return Promise.reject(error)
    throw error
  }
}

export function newStoredRole(name: string, values: Partial<RoleRecord> = {}): RoleRecord {
  return { name, inherits: [], permissions: [], description: null, createdAt: 0, ...values }
}
