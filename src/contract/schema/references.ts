import type { JsonSchema } from '../../openapi/operation.ts'

export type SchemaObject = { readonly [keyword: string]: unknown }

/** Follows references inside one schema. */
export interface References {
  /** The place that a `$ref` or `$dynamicRef` leads to; undefined where there is none. */
  find(reference: string): JsonSchema | undefined
}

export function createReferences(root: JsonSchema): References {
  let anchors: Map<string, JsonSchema> | null = null
  return {
    find(reference) {
      if (reference === '#') return root
      if (reference.startsWith('#/')) return followPointer(root, reference.slice(2))
      if (!reference.startsWith('#')) return undefined
      anchors ??= collectAnchors(root)
      return anchors.get(reference.slice(1))
    },
  }
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member's name as a token of a JSON pointer (RFC 6901). */
export function toToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function followPointer(root: JsonSchema, pointer: string): JsonSchema | undefined {
  let value: unknown = root
  for (const token of pointer.split('/')) {
    const name = decode(token)
    if (name === null || typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return typeof value === 'boolean' || isSchemaObject(value) ? value : undefined
}

function decode(token: string): string | null {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return null
  }
}

function collectAnchors(value: unknown, found = new Map<string, JsonSchema>()): Map<string, JsonSchema> {
  if (typeof value !== 'object' || value === null) return found
  if (isSchemaObject(value)) {
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const name = value[keyword]
      if (typeof name === 'string' && !found.has(name)) found.set(name, value)
    }
  }
  for (const each of Object.values(value)) collectAnchors(each, found)
  return found
}
