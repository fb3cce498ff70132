import type { z } from 'zod'

interface Shown {
  readonly inner: () => z.core.$ZodType
  readonly name: string | null
}

const shown = new WeakMap<z.core.$ZodType, Shown>()

/**
 * Remembers that a schema reads its value by a function, and which schema shows what may be written.
 * @param name the definition of the JSON Schema that it becomes, where it stands in several places
 */
export function standFor(schema: z.core.$ZodType, inner: () => z.core.$ZodType, name: string | null): void {
  shown.set(schema, { inner, name })
}

/** The schema that shows what may be written; null for a schema that shows it itself. */
export function innerOf(schema: z.core.$ZodType): z.core.$ZodType | null {
  return shown.get(schema)?.inner() ?? null
}

export function definitionName(schema: z.core.$ZodType): string | null {
  return shown.get(schema)?.name ?? null
}
