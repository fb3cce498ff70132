import { z } from 'zod'
import type { JsonSchema } from '../../openapi/operation.ts'

/** Schemas by name, each in a file of its own. */
export const schemasBlock = z
  .record(
    z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, { error: 'not a name such as Order' }),
    z
      .string()
      .min(1)
      .max(1024)
      .regex(/\.json$/, { error: 'must be a file that ends with .json' }),
  )
  .describe('JSON Schemas (2020-12) by name: files, whose references stay in their own folders.')

export type SchemasBlock = z.output<typeof schemasBlock>

/** What `gather` makes of the block: everything that the files hold, as `$defs` that refer to one another. */
export interface GatheredSchemas {
  readonly names: readonly string[]
  readonly $defs: Readonly<Record<string, JsonSchema>>
}
