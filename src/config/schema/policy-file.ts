import { z } from 'zod'
import type { AnyPolicy } from '../../core/policy.ts'
import { counterBlock, dataBlock } from './data.ts'
import { createDefaultsBlock } from './defaults.ts'
import { guarded } from './delegate.ts'
import { listenBlock } from './listen.ts'
import { createRouteSchema } from './routes.ts'
import { serverBlock } from './server.ts'
import { trustProxiesBlock } from './trust-proxies.ts'
import { upstreamsBlock } from './upstreams.ts'

export const fileVersion = 1

const version = guarded(z.literal(fileVersion).describe('The version of the file format.'), (value) =>
  typeof value === 'number' && value !== fileVersion
    ? { message: `version ${value} is not known`, hint: `This Portcullis reads version ${fileVersion}.` }
    : null,
)

/** The blocks that configuration itself reads, which do not depend on policies. */
export const ownBlocks = {
  version,
  listen: listenBlock.optional(),
  server: serverBlock,
  data: dataBlock,
  counters: counterBlock,
  trustProxies: trustProxiesBlock,
  upstreams: upstreamsBlock,
}

/**
 * The policy file as one schema, assembled from configuration's own blocks, the policies and the blocks that they and
 * others read. It validates, gives the types of `defineConfig()` and becomes the JSON Schema and the reference.
 */
export function createPolicyFileSchema(policies: readonly AnyPolicy[], blocks: Readonly<Record<string, z.ZodType>>) {
  return z
    .strictObject({
      ...ownBlocks,
      defaults: createDefaultsBlock(policies),
      routes: z
        .array(createRouteSchema(policies))
        .default([])
        .describe('What is let through, and how it is protected.'),
      ...blocks,
    })
    .describe('The policy file of Portcullis: how an API is protected.')
}

/** The top-level blocks that policies read, and those of other folders. Two readers of one block are a mistake of ours. */
export function collectBlocks(
  policies: readonly AnyPolicy[],
  others: Readonly<Record<string, z.ZodType>>,
): Record<string, z.ZodType> {
  const blocks = { ...others }
  const readers = new Map<string, z.ZodType>()
  for (const policy of policies) {
    for (const [key, schema] of Object.entries(policy.blocks ?? {})) {
      if ((readers.get(key) ?? schema) !== schema || Object.hasOwn(others, key)) {
        throw new Error(`two folders read the block "${key}"`)
      }
      readers.set(key, schema)
      // A file that does not use the policy need not have its block.
      blocks[key] = schema.safeParse(undefined).success ? schema : schema.optional()
    }
  }
  return blocks
}
