import { z } from 'zod'
import { permissionName, roleName, scopeName } from '../../roles/names.ts'

/** Names that must be held: one of `any`, and each of `all`. */
export interface Requirement {
  readonly any: readonly string[]
  readonly all: readonly string[]
}

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

const demands = {
  roles: requirement(roleName, 'any')
    .optional()
    .describe('Roles. A list asks for one of them; `{ any: […], all: […] }` says both.'),
  permissions: requirement(permissionName, 'all')
    .optional()
    .describe('Permissions `resource:action` that roles give. A list asks for each of them; `{ any, all }` says both.'),
  scopes: requirement(scopeName, 'all')
    .optional()
    .describe('Scopes of the token or key. A list asks for each of them; `{ any: […], all: […] }` says both.'),
}

const methodName = z.string().regex(/^[A-Z][A-Z-]{0,31}$/, { error: 'not a method in upper case, such as DELETE' })

export const options = z.strictObject({
  ...demands,
  methods: z
    .record(
      methodName.refine((name) => name !== 'HEAD', { error: 'HEAD follows GET: write GET' }),
      z.strictObject(demands).refine((own) => Object.values(own).some((one) => one !== undefined), {
        error: 'asks for nothing: give `roles`, `permissions` or `scopes`',
      }),
    )
    .optional()
    .describe('What single methods ask for beside that: `{ DELETE: { roles: [admin] } }`.'),
})

export type RbacOptions = z.output<typeof options>

/** What one method asks for. */
export type Demands = Omit<RbacOptions, 'methods'>
