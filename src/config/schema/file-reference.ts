import { z } from 'zod'

/** `file:path` → the path. What stands in files never stands in the policy file. */
export function fileReference() {
  return z
    .string()
    .regex(/^file:./, { error: 'must be given as file:path' })
    .transform((text) => text.slice('file:'.length))
    .meta({ pattern: '^file:.+' })
}
