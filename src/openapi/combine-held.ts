/** Names that a caller must hold: each of `all`, and one of `any`. */
export interface Held {
  readonly all: readonly string[]
  readonly any: readonly string[]
}

export const nothingHeld: Held = { all: [], any: [] }

/** What every caller must hold. Where alternatives ask for different names, never less than any of them does. */
export function combineHeld(sets: readonly (readonly string[])[]): {
  readonly held: Held
  readonly isStricter: boolean
} {
  const different = [...new Map(sets.map((set) => [JSON.stringify(set), set])).values()]
  const asking = different.filter((set) => set.length > 0)
  const isEven = asking.length === different.length
  if (asking.length === 0) return { held: nothingHeld, isStricter: false }
  if (asking.length > 1 && asking.every((set) => set.length === 1)) {
    return { held: { all: [], any: asking.flat().sort() }, isStricter: !isEven }
  }
  const all = [...new Set(asking.flat())].sort()
  return { held: { all, any: [] }, isStricter: !isEven || asking.length > 1 }
}

/** What is listed beside a scheme are scopes of OAuth and OpenID Connect, and roles of others (OpenAPI 3.1, 4.8.30). */
export function listsScopes(scheme: Readonly<Record<string, unknown>>): boolean {
  return scheme.type === 'oauth2' || scheme.type === 'openIdConnect'
}
