import { z } from 'zod'
import type { AnyPolicy } from '../../core/policy.ts'
import { explainUnknownKey } from '../issues/explain-issues.ts'
import { optionKeys } from '../issues/known-keys.ts'
import { describe } from '../issues/word-issue.ts'
import { type Complain, delegate } from './delegate.ts'
import { withKeys } from './policy-entries.ts'
import { type Beside, isPlain, readSetting } from './read-setting.ts'
import { reasonText } from './reason.ts'
import type { Setting } from './setting.ts'

const words = ['mode', 'reason']

/** `authorize`: its keys are dispatched to the policies that declare them. */
export function createAuthorizeEntry(policies: readonly AnyPolicy[]): z.ZodType<Setting[]> {
  const authorization = policies.filter(({ kind }) => kind === 'authorization')
  const beside = { mode: true, reason: 'observe', required: true } as const
  return delegate(
    () => describeAuthorize(authorization),
    (value, complain) => readAuthorize(authorization, value, beside, ['authorize'], complain),
    'authorize',
  )
}

/**
 * Splits an `authorize` object by the policies that read its keys.
 * @param path where it stands, from the block
 */
export function readAuthorize(
  policies: readonly AnyPolicy[],
  value: unknown,
  beside: Beside,
  path: Setting['path'],
  complain: Complain,
): Setting[] | undefined {
  if (!isPlain(value)) {
    complain({ message: `must be an object (keys and values), not ${describe(value)}` })
    return undefined
  }
  const owners = ownersOf(policies)
  const unknown = Object.keys(value).filter((key) => !owners.has(key) && !words.includes(key))
  for (const key of unknown) complain([explainUnknownKey(key, [], [...owners.keys(), ...words])])
  const shared = Object.fromEntries(Object.entries(value).filter(([key]) => words.includes(key)))
  const settings = policies.flatMap((policy) => {
    const own = Object.entries(value).filter(([key]) => owners.get(key) === policy)
    if (own.length === 0) return []
    return readSetting(policy, { ...Object.fromEntries(own), ...shared }, beside, [], path, complain) ?? []
  })
  if (settings.length === 0 && unknown.length === 0 && Object.keys(value).every((key) => words.includes(key))) {
    complain({ message: 'asks for nothing', hint: `Possible here: ${[...owners.keys()].join(', ')}.` })
  }
  return settings
}

function ownersOf(policies: readonly AnyPolicy[]): ReadonlyMap<string, AnyPolicy> {
  return new Map(policies.flatMap((policy) => optionKeys(policy.options).map((key) => [key, policy] as const)))
}

/** The keys of all authorization policies together. */
export function describeAuthorize(policies: readonly AnyPolicy[]): z.ZodType {
  const shapes = policies.map(({ options }) => withKeys(options, {}))
  const keys = shapes.flatMap((shape) => (shape instanceof z.ZodObject ? Object.entries(shape.partial().shape) : []))
  return z
    .strictObject({
      ...Object.fromEntries(keys),
      mode: z.enum(['enforce', 'observe']).optional().describe('`observe` lets everyone in and needs a reason.'),
      reason: reasonText().optional().describe('Why it only observes.'),
    })
    .describe('What a caller must be allowed.')
}
