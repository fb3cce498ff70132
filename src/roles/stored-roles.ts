import { BoundedCache } from '../core/bounded-cache.ts'
import type { Principal } from '../core/principal.ts'
import type { ChangeEpoch } from '../stores/ports/change-log.ts'
import type { GivenRole, RoleHolder, RoleLookup, RoleRecord } from '../stores/ports/role-store.ts'
import { toHolders } from './holders.ts'

/** What the store says of a caller. */
export interface StoredRoles {
  /** All roles of the deployment. */
  readonly definitions: readonly RoleRecord[]
  /** Those of the caller's tenant. */
  readonly ofTenant: readonly RoleRecord[]
  /** The roles that the caller was given there, whose they are, and as whom. */
  readonly given: readonly (GivenRole & { readonly holder: RoleHolder })[]
}

interface Cached<T> {
  readonly epoch: number
  readonly value: T
}

const maxCallers = 20_000
const maxTenants = 400
const noRoles: readonly RoleRecord[] = []

/**
 * Remembers what the store said. An answer is used only while the log of changes can be read and nothing was changed
 * since, so that a role that was taken away is gone everywhere at once.
 */
export class RoleCache {
  readonly #lookup: RoleLookup
  readonly #epoch: ChangeEpoch
  readonly #callers = new BoundedCache<Cached<StoredRoles['given']>>({ maxEntries: maxCallers })
  readonly #tenants = new BoundedCache<Cached<readonly RoleRecord[]>>({ maxEntries: maxTenants })
  #definitions: Cached<readonly RoleRecord[]> | null = null

  constructor(lookup: RoleLookup, epoch: ChangeEpoch) {
    this.#lookup = lookup
    this.#epoch = epoch
  }

  get size(): number {
    return this.#callers.size
  }

  /**
   * Synchronous on a hit, and on a miss where the store is. Throws or rejects when the store cannot answer.
   * @param tenant whose roles can matter beside those of the deployment; null: nobody's
   */
  find(principal: Principal, tenant: string | null): StoredRoles | Promise<StoredRoles> {
    const definitions = this.#findDefinitions()
    const ofTenant = tenant === null ? noRoles : this.#findOfTenant(tenant)
    const given = this.#findGiven(principal, tenant)
    if (definitions instanceof Promise || ofTenant instanceof Promise || given instanceof Promise) {
      return Promise.all([definitions, ofTenant, given]).then(([all, tenants, own]) => ({
        definitions: all,
        ofTenant: tenants,
        given: own,
      }))
    }
    return { definitions, ofTenant, given }
  }

  #findDefinitions(): readonly RoleRecord[] | Promise<readonly RoleRecord[]> {
    if (this.#definitions !== null && this.#isUsable(this.#definitions)) return this.#definitions.value
    // Read before the store is: what changes meanwhile makes the answer stale, not the other way round.
    const epoch = this.#epoch.current()
    const remember = (value: readonly RoleRecord[]) => {
      this.#definitions = { epoch, value }
      return value
    }
    const found = this.#lookup.roles()
    return found instanceof Promise ? found.then(remember) : remember(found)
  }

  #findOfTenant(tenant: string): readonly RoleRecord[] | Promise<readonly RoleRecord[]> {
    const cached = this.#tenants.get(tenant)
    if (cached !== undefined && this.#isUsable(cached)) return cached.value
    const epoch = this.#epoch.current()
    const remember = (value: readonly RoleRecord[]) => {
      this.#tenants.set(tenant, { epoch, value })
      return value
    }
    const found = this.#lookup.roles(tenant)
    return found instanceof Promise ? found.then(remember) : remember(found)
  }

  #findGiven(principal: Principal, tenant: string | null): StoredRoles['given'] | Promise<StoredRoles['given']> {
    const holders = toHolders(principal)
    const key = JSON.stringify([tenant, holders])
    const cached = this.#callers.get(key)
    if (cached !== undefined && this.#isUsable(cached)) return cached.value
    const epoch = this.#epoch.current()
    const remember = (found: readonly GivenRole[][]) => {
      const value = found.flatMap((roles, i) => roles.map((role) => ({ ...role, holder: holders[i] as RoleHolder })))
      this.#callers.set(key, { epoch, value })
      return value
    }
    const found = askAll(holders, (holder) => this.#lookup.rolesOf(holder, tenant ?? undefined))
    return found instanceof Promise ? found.then(remember) : remember(found)
  }

  #isUsable({ epoch }: Cached<unknown>): boolean {
    return epoch === this.#epoch.current() && this.#epoch.readable()
  }
}

type Ask = (holder: RoleHolder) => GivenRole[] | Promise<GivenRole[]>

/** Questions of one caller that are open at once: hundreds of groups must not take the store from everybody else. */
const maxAsking = 8

function askAll(holders: readonly RoleHolder[], ask: Ask): GivenRole[][] | Promise<GivenRole[][]> {
  const found: GivenRole[][] = []
  for (const [i, holder] of holders.entries()) {
    const roles = ask(holder)
    if (roles instanceof Promise) return askInTurn(found, roles, holders.slice(i + 1), ask)
    found.push(roles)
  }
  return found
}

async function askInTurn(found: GivenRole[][], first: Promise<GivenRole[]>, holders: readonly RoleHolder[], ask: Ask) {
  found.push(await first)
  for (let at = 0; at < holders.length; at += maxAsking) {
    found.push(...(await Promise.all(holders.slice(at, at + maxAsking).map(ask))))
  }
  return found
}
