import type { Engine } from './engine.ts'
import type { ConfiguredEntity } from './policy-sets-block.ts'

/** Reads a list of entities as Cedar writes them in JSON; the problems where it is none. */
export function parseEntities(
  engine: Engine,
  value: unknown,
  maxEntities: number,
): { readonly entities: readonly ConfiguredEntity[] } | { readonly problems: readonly string[] } {
  if (!Array.isArray(value) || value.length > maxEntities) {
    return { problems: [`must be a list of at most ${maxEntities} entities`] }
  }
  const parsed = engine.checkParseEntities({ entities: value })
  if (parsed.type === 'failure') return { problems: parsed.errors.map(({ message }) => message) }
  const entities = value.map(({ uid, attrs = {}, parents = [] }) => ({
    uid: uid.__entity ?? uid,
    attrs,
    parents: parents.map((parent: { __entity?: unknown }) => parent.__entity ?? parent),
  }))
  return { entities }
}
