import type { z } from 'zod'
import type { Report } from './config-error.ts'
import { parseWith } from './schema/delegate.ts'

/** The parsed top-level blocks; a block that could not be read is absent and named as broken. */
export interface Blocks {
  readonly values: Readonly<Record<string, unknown>>
  readonly broken: ReadonlySet<string>
}

/** Parses each block by itself, so that a mistake in one does not hide those in others. */
export function readBlocks(
  shape: Readonly<Record<string, z.ZodType>>,
  file: Readonly<Record<string, unknown>>,
  report: Report,
): Blocks {
  const values: Record<string, unknown> = {}
  const broken = new Set<string>()
  for (const [key, schema] of Object.entries(shape)) {
    const parsed = parseWith(schema, file[key])
    if (parsed.ok) {
      if (parsed.value !== undefined) values[key] = parsed.value
      continue
    }
    broken.add(key)
    for (const { path, message, hint, part } of parsed.findings) report.add([key, ...path], message, { hint, part })
  }
  return { values, broken }
}
