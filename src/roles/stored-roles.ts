import { BoundedCache } from '../core/bounded-cache.ts'
import type { Principal } from '../core/principal.ts'
import type { ChangeEpoch } from '../stores/ports/change-log.ts'
import type { RoleHolder, RoleLookup, RoleRecord } from '../stores/ports/role-store.ts'
import { toHolders } from './holders.ts'

/** What the store says of a caller. */
export interface StoredRoles {
  /** All roles of the store. */
  readonly definitions: readonly RoleRecord[]
  /** The roles that the caller was given there, and as whom. */
  readonly given: readonly { readonly role: string; readonly holder: RoleHolder }[]
}

interface Cached<T> {
  readonly epoch: number
  readonly value: T
}

const maxCallers = 20_000

/**
 * Remembers what the store said. An answer is used only while the log of changes can be read and nothing was changed
 * since, so that a role that was taken away is gone everywhere at once.
 */
export class RoleCache {
  readonly #lookup: RoleLookup
  readonly #epoch: ChangeEpoch
  readonly #callers = new BoundedCache<Cached<StoredRoles['given']>>({ maxEntries: maxCallers })
  #definitions: Cached<readonly RoleRecord[]> | null = null

  constructor(lookup: RoleLookup, epoch: ChangeEpoch) {
    this.#lookup = lookup
    this.#epoch = epoch
  }

  get size(): number {
    return this.#callers.size
  }

  /** Synchronous on a hit, and on a miss where the store is. Throws or rejects when the store cannot answer. */
  find(principal: Principal): StoredRoles | Promise<StoredRoles> {
    const definitions = this.#findDefinitions()
    const given = this.#findGiven(principal)
    if (definitions instanceof Promise || given instanceof Promise) {
      return Promise.all([definitions, given]).then(([all, own]) => ({ definitions: all, given: own }))
    }
    return { definitions, given }
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

  #findGiven(principal: Principal): StoredRoles['given'] | Promise<StoredRoles['given']> {
    const holders = toHolders(principal)
    const key = JSON.stringify(holders)
    const cached = this.#callers.get(key)
    if (cached !== undefined && this.#isUsable(cached)) return cached.value
    const epoch = this.#epoch.current()
    const remember = (found: readonly string[][]) => {
      const value = found.flatMap((roles, i) => roles.map((role) => ({ role, holder: holders[i] as RoleHolder })))
      this.#callers.set(key, { epoch, value })
      return value
    }
    const found = askAll(holders, (holder) => this.#lookup.rolesOf(holder))
    return found instanceof Promise ? found.then(remember) : remember(found)
  }

  #isUsable({ epoch }: Cached<unknown>): boolean {
    return epoch === this.#epoch.current() && this.#epoch.readable()
  }
}

type Ask = (holder: RoleHolder) => string[] | Promise<string[]>

/** Questions of one caller that are open at once: hundreds of groups must not take the store from everybody else. */
const maxAsking = 8

function askAll(holders: readonly RoleHolder[], ask: Ask): string[][] | Promise<string[][]> {
  const found: string[][] = []
  for (const [i, holder] of holders.entries()) {
    const roles = ask(holder)
    if (roles instanceof Promise) return askInTurn(found, roles, holders.slice(i + 1), ask)
    found.push(roles)
  }
  return found
}

async function askInTurn(found: string[][], first: Promise<string[]>, holders: readonly RoleHolder[], ask: Ask) {
  found.push(await first)
  for (let at = 0; at < holders.length; at += maxAsking) {
    found.push(...(await Promise.all(holders.slice(at, at + maxAsking).map(ask))))
  }
  return found
}
