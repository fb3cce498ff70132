declare const provides: unique symbol

/** The typed name of something that a policy is handed: a store, the outbound client, the counters. */
export interface Port<T> {
  readonly name: string
  readonly [provides]?: T
}

/** Declares a port beside the interface that it stands for. */
export function definePort<T>(name: string): Port<T> {
  return Object.freeze({ name })
}

/** Hands out what is behind a port; throws when the running system does not provide it. */
export type Provide = <T>(port: Port<T>) => T

/** Builds a `Provide` from port/implementation pairs. */
export function createProvide(entries: Iterable<readonly [Port<unknown>, unknown]>): Provide {
  const byName = new Map<string, unknown>()
  for (const [port, implementation] of entries) byName.set(port.name, implementation)
  return <T>(port: Port<T>): T => {
    if (!byName.has(port.name)) throw new Error(`nothing provides the port "${port.name}" here`)
    return byName.get(port.name) as T
  }
}
