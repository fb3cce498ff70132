/**
 * A key that is mixed into passwords before they are hashed, and kept apart from the hashes: whoever steals the
 * database alone cannot try passwords at all.
 */
export interface Pepper {
  /** Stands in the hash, so that peppers can be replaced: up to 32 letters, digits, `-` and `_`. */
  readonly id: string
  /** At least 32 random bytes. */
  readonly key: Uint8Array
}

/** A hash and the pepper that went into it; null where none did. */
export interface Peppered {
  readonly pepperId: string | null
  readonly hash: string
}

const peppered = /^\$pepper\$([A-Za-z0-9_-]{1,32})(\$.*)$/s

/** `$pepper$<id>` before the hash. */
export function formatPeppered({ pepperId, hash }: Peppered): string {
  return pepperId === null ? hash : `$pepper$${pepperId}${hash}`
}

export function parsePeppered(text: string): Peppered {
  const match = peppered.exec(text)
  return match === null ? { pepperId: null, hash: text } : { pepperId: match[1] as string, hash: match[2] as string }
}

/** The peppers by their ids; throws where one cannot be used. */
export function indexPeppers(peppers: readonly Pepper[]): ReadonlyMap<string, Uint8Array> {
  const byId = new Map<string, Uint8Array>()
  for (const { id, key } of peppers) {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) throw new TypeError(`the pepper id "${id}" must be letters, digits, - and _`)
    if (key.length < 32) throw new TypeError(`the pepper "${id}" must have at least 32 bytes`)
    if (byId.has(id)) throw new TypeError(`two peppers have the id "${id}"`)
    byId.set(id, key)
  }
  return byId
}
