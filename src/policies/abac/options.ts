import { z } from 'zod'
import { fieldName } from '../../core/option-types.ts'

const setName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'not a name such as orders' })
const typeName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*$/, {
  error: 'not the name of an entity type, such as Order',
})

const policy = z.strictObject({
  set: setName.describe('The name of a policy set, from the block `policySets`.'),
  action: z.string().min(1).max(256).optional().describe('The id of the action. Default: the method; HEAD is GET.'),
  resource: z
    .strictObject({
      type: typeName.default('Resource').describe('The type of the resource.'),
      param: z.string().min(1).max(64).optional().describe('The path parameter that is its id. Default: the path.'),
    })
    .prefault({})
    .describe('What policies see as `resource`.'),
  query: z
    .array(z.string().min(1).max(64))
    .max(32)
    .default([])
    .describe('Query parameters in `context.query`. One that comes twice is refused.'),
  headers: z
    .array(fieldName())
    .max(32)
    .default([])
    .describe('Header fields in `context.headers`. One that comes twice is refused.'),
  time: z.boolean().default(false).describe('Puts the time into `context.time`, in whole seconds since 1970.'),
  body: z
    .boolean()
    .default(false)
    .describe(
      'Puts the JSON body into `context.body`: it is collected first, and what is not strictly JSON is refused.',
    ),
})

export const options = z.strictObject({
  policy: z
    .union([setName.transform((set) => policy.parse({ set })), policy])
    .describe('A set of Cedar policies that must permit the request: its name, or with what they get to see.'),
})

export type AbacOptions = z.output<typeof options>
export type PolicyInput = z.output<typeof policy>
