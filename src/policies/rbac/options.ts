import { z } from 'zod'

/** Names that must be held: one of `any`, and each of `all`. */
export interface Requirement {
  readonly any: readonly string[]
  readonly all: readonly string[]
}

const roleName = z.string().min(1).max(256)

// RFC 6749 section 3.3; it also keeps the challenge, which lists them, well-formed.
const scopeName = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, { error: 'not a scope (RFC 6749 section 3.3)' })

/** A list, whose meaning is `listed`, or `{ any, all }`. */
function requirement(name: z.ZodString, listed: keyof Requirement) {
  const names = z.array(name).min(1).max(100)
  return z
    .union([
      names,
      z.strictObject({
        any: names.optional().describe('The caller must hold one of these.'),
        all: names.optional().describe('The caller must hold each of these.'),
      }),
    ])
    .transform((value, context): Requirement => {
      if (Array.isArray(value)) return { any: [], all: [], [listed]: value }
      const { any = [], all = [] } = value
      if (any.length + all.length > 0) return { any, all }
      context.addIssue({ code: 'custom', message: 'asks for nothing: give `any`, `all` or a list' })
      return z.NEVER
    })
}

export const options = z.strictObject({
  roles: requirement(roleName, 'any')
    .optional()
    .describe('Roles. A list asks for one of them; `{ any: […], all: […] }` says both.'),
  scopes: requirement(scopeName, 'all')
    .optional()
    .describe('Scopes of the token or key. A list asks for each of them; `{ any: […], all: […] }` says both.'),
})

export type RbacOptions = z.output<typeof options>
