import { z } from 'zod'
import { byteSize } from '../../core/option-types.ts'

const most = (max: number, usual: number) => z.int().min(1).max(max).default(usual)
const name = z.string().regex(/^[A-Za-z_]\w{0,127}$/, { error: 'not the name of a field or argument' })

export const options = z.strictObject({
  accept: z
    .array(z.enum(['json', 'graphql', 'get', 'multipart']))
    .min(1)
    .default(['json'])
    .describe(
      'How requests come: a JSON body, a body of `application/graphql`, a query by GET (never a mutation), a form with files.',
    ),
  operations: z
    .array(z.enum(['query', 'mutation', 'subscription']))
    .min(1)
    .default(['query', 'mutation'])
    .describe('Which operations may be asked for.'),
  introspection: z.boolean().default(false).describe('Whether `__schema` and `__type` may be asked for.'),
  maxTokens: most(10_000, 2000).describe('The longest document, in tokens.'),
  maxDepth: most(100, 10).describe('How deep fields may nest, fragments included.'),
  maxAliases: z.int().min(0).max(10_000).default(15).describe('The most fields under another name than their own.'),
  maxRootFields: most(10_000, 20).describe('The most fields of an operation itself.'),
  maxDirectives: z.int().min(0).max(10_000).default(50).describe('The most directives.'),
  maxCost: most(1_000_000_000, 5000).describe(
    'The most that an operation may cost, fragments and lists multiplied out.',
  ),
  weights: z
    .record(name, z.int().min(0).max(1_000_000))
    .default({})
    .describe('What a field costs, by its name. All others cost 1.'),
  lists: z
    .record(name, z.int().min(1).max(1_000_000))
    .default({})
    .describe('Fields that are lists, by their name, with how many elements to reckon with where no argument says.'),
  sizeArguments: z
    .array(name)
    .max(100)
    .default(['first', 'last', 'limit', 'pageSize', 'take', 'size'])
    .describe('Arguments that say how many elements a field gives: they multiply what stands below it.'),
  maxBatch: most(1000, 1).describe('The most operations in one body; 1 refuses lists of them.'),
  maxVariablesBytes: byteSize({ max: '1MiB' })
    .prefault('64KiB')
    .describe('The longest variables, as JSON. Default 64KiB.'),
  allowList: z
    .string()
    .regex(/^file:.+$/, { error: 'is given as file:path' })
    .optional()
    .describe(
      'A JSON file of the only documents that may run: ids (such as their SHA-256) to texts. They may be asked for by id.',
    ),
})

export type GraphqlOptions = z.output<typeof options>
