/** A role as the policy file or the store defines it. */
export interface RoleLike {
  readonly inherits: readonly string[]
  readonly permissions: readonly string[]
}

/** What a caller holds: names of roles, and permissions that may hold `*`. */
export interface Rights {
  readonly roles: ReadonlySet<string>
  readonly permissions: ReadonlySet<string>
}

/** Roles with everything that they bring, worked out once. */
export class RoleModel {
  readonly #definitions: ReadonlyMap<string, RoleLike>
  readonly #base: RoleModel | null
  readonly #closures = new Map<string, Rights>()

  /**
   * @param definitions may name roles that are not among them, and, from a store, inherit in a circle
   * @param base what they may inherit beside each other
   */
  constructor(definitions: Iterable<readonly [string, RoleLike]>, base: RoleModel | null = null) {
    this.#definitions = new Map(definitions)
    this.#base = base
    for (const name of this.#definitions.keys()) this.#closures.set(name, this.#close(name))
  }

  get names(): readonly string[] {
    return [...this.#definitions.keys()]
  }

  /** Whether it defines the role itself. */
  has(name: string): boolean {
    return this.#definitions.has(name)
  }

  /** What whoever holds these roles holds. A name that nothing defines is a role that brings nothing else. */
  rightsOf(names: Iterable<string>): Rights {
    const roles = new Set<string>()
    const permissions = new Set<string>()
    for (const name of names) {
      const closure = this.#closures.get(name)
      roles.add(name)
      for (const role of closure?.roles ?? []) roles.add(role)
      for (const permission of closure?.permissions ?? []) permissions.add(permission)
    }
    return { roles, permissions }
  }

  /** The way from a role that is held to one that it brings: `admin → support → customer`; null where there is none. */
  pathTo(held: string, wanted: string): readonly string[] | null {
    const cameFrom = new Map<string, string | null>([[held, null]])
    for (const name of cameFrom.keys()) {
      if (name === wanted) return trace(cameFrom, name)
      for (const parent of this.#find(name)?.inherits ?? []) {
        if (!cameFrom.has(parent)) cameFrom.set(parent, name)
      }
    }
    return null
  }

  /** Permissions of one role itself, without what it inherits. */
  ownPermissions(name: string): readonly string[] {
    return this.#find(name)?.permissions ?? []
  }

  #find(name: string): RoleLike | undefined {
    const own = this.#definitions.get(name)
    return own === undefined && this.#base !== null ? this.#base.#find(name) : own
  }

  #close(name: string): Rights {
    const roles = new Set([name])
    const permissions = new Set<string>()
    // A set goes on to what is added while it is walked, so that every role is seen once, in a circle too.
    for (const role of roles) {
      const definition = this.#find(role)
      for (const parent of definition?.inherits ?? []) if (this.#find(parent) !== undefined) roles.add(parent)
      for (const permission of definition?.permissions ?? []) permissions.add(permission)
    }
    return { roles, permissions }
  }
}

function trace(cameFrom: ReadonlyMap<string, string | null>, name: string): string[] {
  const path: string[] = []
  for (let at: string | null = name; at !== null; at = cameFrom.get(at) ?? null) path.unshift(at)
  return path
}
