import { z } from 'zod'
import { type AnyPolicy, toConfigKey } from '../../core/policy.ts'
import { delegate } from './delegate.ts'
import { readSetting } from './read-setting.ts'
import { reasonText } from './reason.ts'
import type { Setting } from './setting.ts'

const mode = z
  .enum(['enforce', 'observe'])
  .optional()
  .describe('`observe` counts and logs what would have been refused, and refuses nothing. Default `enforce`.')

/** The schemas of every protection and credential policy, by key: what stands under `defaults` and on routes. */
export function createPolicyEntries(policies: readonly AnyPolicy[]): Record<string, z.ZodType<Setting[] | undefined>> {
  const entries = policies
    .filter(({ kind }) => kind !== 'authorization')
    .map((policy) => [toConfigKey(policy.name), createEntry(policy).optional()] as const)
  return Object.fromEntries(entries)
}

function createEntry(policy: AnyPolicy): z.ZodType<Setting[]> {
  const key = toConfigKey(policy.name)
  const beside = { mode: hasMode(policy), reason: policy.weakens ? 'weakens' : 'observe' } as const
  return delegate(
    () => describeEntry(policy),
    (value, complain) => {
      const isList = Array.isArray(value) && policy.kind === 'protection'
      if (!isList) {
        const setting = readSetting(policy, value, beside, [], [key], complain)
        return setting && [setting]
      }
      if (value.length === 0) complain({ message: 'an empty list: leave it out, or see `exempt`' })
      return value.flatMap((entry, i) => readSetting(policy, entry, beside, [i], [key, i], complain) ?? [])
    },
    key,
  )
}

/** What may be written under a policy's key, for the JSON Schema and the types of `defineConfig()`. */
function describeEntry(policy: AnyPolicy): z.ZodType {
  const words = describeWords(policy)
  const options = words === null ? policy.options : withKeys(policy.options, words)
  const one = policy.shorthand === undefined ? options : z.union([policy.shorthand, options])
  const several = policy.kind === 'protection' ? z.union([one, z.array(options).min(1)]) : one
  return several.describe(policy.summary)
}

function describeWords(policy: AnyPolicy): Record<string, z.ZodType> | null {
  if (policy.weakens) return { reason: reasonText().describe('Why this is needed here.') }
  return hasMode(policy) ? { mode, reason: reasonText().optional().describe('Why it only observes.') } : null
}

/** Whether a policy has something to observe: credentials are needed, and what refuses nothing cannot be tried out. */
export function hasMode({ kind, weakens }: AnyPolicy): boolean {
  return kind === 'protection' && !weakens
}

/** A policy's options with further keys beside them; a schema that is not one object stays as it is. */
export function withKeys(options: z.ZodType, keys: Record<string, z.ZodType>): z.ZodType {
  if (options instanceof z.ZodPipe) return withKeys(options.in as z.ZodType, keys)
  if (options instanceof z.ZodObject) return z.strictObject({ ...options.shape, ...keys })
  if (options instanceof z.ZodUnion) return z.union(options.options.map((one) => withKeys(one as z.ZodType, keys)))
  return options
}
