import type { Draft } from './bundle-schema.ts'
import type { Plain } from './plain.ts'

/** The keywords of OpenAPI 3.0 that mean something else in JSON Schema 2020-12. */
export function toNewKeywords({ nullable, $ref }: Plain, draft: Draft): Draft {
  // Beside a reference everything is ignored (OpenAPI 3.0.4 section 4.7.23.2).
  if ($ref !== undefined) return { $ref: draft.$ref }
  for (const [bound, flag] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof draft[flag] !== 'boolean') continue
    if (draft[flag] && draft[bound] !== undefined) {
      draft[flag] = draft[bound]
      delete draft[bound]
    } else delete draft[flag]
  }
  // Without a type it says nothing, and an `enum` must list null as well (section 4.7.24.1).
  if (nullable === true && typeof draft.type === 'string') draft.type = [draft.type, 'null']
  return draft
}
