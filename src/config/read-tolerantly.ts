import type { z } from 'zod'
import { suggest } from '../core/suggest.ts'
import type { Report } from './config-error.ts'
import { optionKeys } from './issues/known-keys.ts'
import { parseWith } from './schema/delegate.ts'
import { isPlain } from './schema/read-setting.ts'
import type { KeyPath } from './source/key-path.ts'

/** What could be read of an object, and which of its keys could not; misspelt keys count as what was meant, too. */
export interface Tolerant<T> {
  readonly value: T
  readonly broken: ReadonlySet<string>
}

/**
 * Reads an object whose keys are all optional. What is wrong is reported and left out, so that the rest can be judged
 * as well: a person wants all errors at once. Null when nothing can be read.
 */
export function readTolerantly<T>(
  schema: z.ZodType<T>,
  value: unknown,
  base: KeyPath,
  report: Report,
): Tolerant<T> | null {
  const parsed = parseWith(schema, value)
  if (parsed.ok) return { value: parsed.value, broken: new Set() }
  for (const { path, message, hint, part } of parsed.findings) report.add([...base, ...path], message, { hint, part })
  if (!isPlain(value)) return null
  const wrong = new Set(parsed.findings.map(({ path }) => String(path[0])))
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !wrong.has(key)))
  const again = parseWith(schema, rest)
  const meant = [...wrong].flatMap((key) => suggest(key, optionKeys(schema)) ?? [])
  return again.ok ? { value: again.value, broken: new Set([...wrong, ...meant]) } : null
}
