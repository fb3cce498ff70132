import { z } from 'zod'
import { entitiesAddress } from './entities-address.ts'

const path = z.string().min(1).max(1024)

export const policySetsBlock = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'not a name such as orders' }),
    z.strictObject({
      policies: z.array(path).min(1).max(100).describe('Files with Cedar policies (`.cedar`).'),
      schema: path
        .optional()
        .describe('A Cedar schema (`.cedarschema`, or JSON as `.json`), against which the policies are validated.'),
      entities: z
        .union([path, entitiesAddress])
        .optional()
        .describe(
          'Entities that policies know beside the caller and the resource: a file with a JSON list of at most 1000, or ' +
            'where one is fetched from.',
        ),
    }),
  )
  .describe('Sets of Cedar policies, by the names that `authorize: { policy: … }` uses.')

export type PolicySetsBlock = z.output<typeof policySetsBlock>

/** A set once its files were read. */
export interface PolicySet {
  /** The text of each policy by its id: `@id`, or the file and its place there. */
  readonly policies: Readonly<Record<string, string>>
  readonly entities: readonly ConfiguredEntity[]
}

/** An entity as Cedar writes it in JSON. */
export interface ConfiguredEntity {
  readonly uid: { readonly type: string; readonly id: string }
  readonly attrs: Readonly<Record<string, unknown>>
  readonly parents: readonly { readonly type: string; readonly id: string }[]
}

/** What `gather` makes of the block. */
export type GatheredSets = Readonly<Record<string, PolicySetsBlock[string] & { readonly gathered: PolicySet }>>
