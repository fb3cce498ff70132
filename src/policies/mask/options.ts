import { z } from 'zod'
import { permissionName, roleName, scopeName } from '../../roles/names.ts'
import { kindNames } from './kinds.ts'
import { ways } from './ways.ts'

const pointer = z
  .string()
  .regex(/^(\/([^~/]|~[01]){1,128}){1,16}$/, { error: 'not a JSON pointer such as /card/number or /cards/*/number' })

const way = z.enum(ways)
const names = <T extends z.ZodType>(name: T) => z.array(name).min(1).max(100).optional()

const reveal = z
  .strictObject({
    roles: names(roleName).describe('One of these roles.'),
    permissions: names(permissionName).describe('Each of these permissions.'),
    scopes: names(scopeName).describe('Each of these scopes.'),
    what: z
      .array(z.union([z.enum(kindNames), pointer]))
      .min(1)
      .max(100)
      .optional()
      .describe('What they see: names of `values` and pointers of `fields`. Default: all of it.'),
  })
  .refine(({ roles, permissions, scopes }) => [roles, permissions, scopes].some((one) => one !== undefined), {
    error: 'asks for nothing: give `roles`, `permissions` or `scopes`',
  })

export const options = z
  .strictObject({
    values: z
      .partialRecord(z.enum(kindNames), way)
      .default({})
      .describe(
        'What is looked for in every text of an answer, and what takes its place: `redact`, `last4`, `partial`, `hash` ' +
          '(a keyed digest, the same for equal values), `remove`.',
      ),
    fields: z
      .record(pointer, way)
      .default({})
      .refine((all) => Object.keys(all).length <= 100, { error: 'names more than 100 fields' })
      .describe(
        'Fields of JSON answers that are hidden whatever they hold: JSON pointers, `*` for any one name or place.',
      ),
    reveal: z.array(reveal).min(1).max(20).optional().describe('Who sees more than others. Default: nobody.'),
    otherTypes: z
      .enum(['refuse', 'pass'])
      .default('refuse')
      .describe('What happens to answers that are no text (images, archives): nothing in them is masked.'),
  })
  .superRefine(({ values, fields, reveal: all = [] }, context) => {
    const complain = (message: string, path: PropertyKey[] = []) => context.addIssue({ code: 'custom', path, message })
    if (Object.keys(values).length + Object.keys(fields).length === 0) {
      complain('masks nothing: name `values`, `fields` or both')
    }
    for (const [at, { what = [] }] of all.entries()) {
      for (const name of what) {
        if (Object.hasOwn(values, name) || Object.hasOwn(fields, name)) continue
        complain(`"${name}" is not masked here`, ['reveal', at, 'what'])
      }
    }
  })

export type MaskOptions = z.output<typeof options>
