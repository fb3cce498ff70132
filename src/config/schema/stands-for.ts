import type { z } from 'zod'

const inners = new WeakMap<z.core.$ZodType, () => z.core.$ZodType>()

/** Remembers that a schema reads its value by a function, and which schema shows what may be written. */
export function standFor(schema: z.core.$ZodType, inner: () => z.core.$ZodType): void {
  inners.set(schema, inner)
}

/** The schema that shows what may be written; null for a schema that shows it itself. */
export function innerOf(schema: z.core.$ZodType): z.core.$ZodType | null {
  return inners.get(schema)?.() ?? null
}
