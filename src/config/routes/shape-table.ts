/** What decides, beside the path, which requests a route is for. */
interface Matching {
  readonly methods: readonly string[]
  readonly hosts: readonly string[]
}

/** Routes for the same paths of one host. */
interface Slot<R> {
  readonly first: R
  /** The first one that serves every method. */
  anyMethod: R | null
  /** The first one that names a method. */
  readonly byMethod: Map<string, R>
}

/** A named host wins over a wildcard, and both win over routes for any host: only equals meet. */
const anyHost = ['']

/** Routes by the shape of their path and by host, to look up those that meet without comparing all with all. */
export class ShapeTable<R extends Matching> {
  readonly #slots = new Map<string, Map<string, Slot<R>>>()

  add(shape: string, route: R): void {
    const hosts = this.#slots.get(shape) ?? new Map<string, Slot<R>>()
    this.#slots.set(shape, hosts)
    for (const host of hostsOf(route)) {
      const slot = hosts.get(host) ?? { first: route, anyMethod: null, byMethod: new Map() }
      hosts.set(host, slot)
      if (route.methods.length === 0) slot.anyMethod ??= route
      for (const method of route.methods) if (!slot.byMethod.has(method)) slot.byMethod.set(method, route)
    }
  }

  /**
   * A route for the same paths, host and method.
   * @param folded whether another one is for the same paths only as careless servers read them: then HEAD requests,
   * which follow GET, cannot be told apart either
   */
  findRival(shape: string, route: R, folded: (other: R) => boolean): R | null {
    for (const { first, anyMethod, byMethod } of this.#at(shape, route)) {
      if (route.methods.length === 0) return first
      if (anyMethod !== null) return anyMethod
      for (const method of route.methods) {
        const same = byMethod.get(method)
        if (same !== undefined) return same
        const following = method === 'HEAD' ? byMethod.get('GET') : method === 'GET' ? byMethod.get('HEAD') : undefined
        if (following !== undefined && folded(following)) return following
      }
    }
    return null
  }

  /** A route that takes, alone or with others of this shape, every request of the given one that has the shape. */
  findTaker(shape: string, route: R): R | null {
    const slots = this.#at(shape, route)
    if (slots.length < hostsOf(route).length) return null
    const all = slots.every((slot) => takesAll(slot, route.methods))
    return all ? (slots[0]?.first ?? null) : null
  }

  #at(shape: string, route: R): Slot<R>[] {
    const hosts = this.#slots.get(shape)
    return hosts === undefined ? [] : hostsOf(route).flatMap((host) => hosts.get(host) ?? [])
  }
}

function hostsOf({ hosts }: Matching): readonly string[] {
  return hosts.length === 0 ? anyHost : hosts
}

function takesAll({ anyMethod, byMethod }: Slot<unknown>, methods: readonly string[]): boolean {
  if (anyMethod !== null) return true
  const takes = (method: string) => byMethod.has(method) || (method === 'HEAD' && byMethod.has('GET'))
  return methods.length > 0 && methods.every(takes)
}
