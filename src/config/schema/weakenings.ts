import { z } from 'zod'
import { type AnyPolicy, toConfigKey } from '../../core/policy.ts'
import { explainUnknownKey } from '../issues/explain-issues.ts'
import { describe } from '../issues/word-issue.ts'
import type { KeyPath } from '../source/key-path.ts'
import { describeAuthorize, readAuthorize } from './authorize.ts'
import { delegate, parseWith } from './delegate.ts'
import { hasMode, withKeys } from './policy-entries.ts'
import { isPlain, readSetting } from './read-setting.ts'
import { reasonText } from './reason.ts'
import type { Setting } from './setting.ts'

/** What stands under `loosen`: options that are weaker than the inherited ones, each with its reason. */
export interface Loosened {
  readonly settings: readonly Setting[]
  readonly authenticate: { readonly names: readonly string[]; readonly reason: string } | null
}

const reason = reasonText().describe('Why this is safe here.')
const beside = { mode: true, reason: 'always' } as const

const authenticateShape = z.strictObject({
  names: z.array(z.string()).min(1).describe('The credentials that are accepted instead of the inherited ones.'),
  reason,
})

/** `loosen`: the one place where a value may be weaker than what is inherited. */
export function createLoosenEntry(policies: readonly AnyPolicy[]): z.ZodType<Loosened> {
  const authorization = policies.filter(({ kind }) => kind === 'authorization')
  const others = new Map(
    policies.filter(({ kind }) => kind !== 'authorization').map((policy) => [toConfigKey(policy.name), policy]),
  )
  return delegate(
    () => describeLoosen(others, authorization),
    (value, complain): Loosened | undefined => {
      if (!isPlain(value)) {
        complain({ message: `must be an object (policies and options), not ${describe(value)}` })
        return undefined
      }
      const settings: Setting[] = []
      let authenticate: Loosened['authenticate'] = null
      for (const [key, own] of Object.entries(value)) {
        const below = nest(complain, [key])
        const policy = others.get(key)
        if (key === 'authenticate') {
          const parsed = parseWith(authenticateShape, own)
          if (parsed.ok) authenticate = parsed.value
          else below(parsed.findings)
        } else if (key === 'authorize') {
          settings.push(...(readAuthorize(authorization, own, beside, ['loosen', key], below) ?? []))
        } else if (policy === undefined) {
          complain([explainUnknownKey(key, [], [...others.keys(), 'authenticate', 'authorize'])])
        } else {
          const words = { ...beside, mode: hasMode(policy) }
          const setting = readSetting(policy, own, words, [], ['loosen', key], below)
          if (setting) settings.push(setting)
        }
      }
      return { settings, authenticate }
    },
    'loosen',
  )
}

type Complain = Parameters<Parameters<typeof delegate>[1]>[1]

/** Reports what is found below a key. */
function nest(complain: Complain, at: KeyPath): Complain {
  return ((found) => {
    for (const finding of [found].flat()) complain({ ...finding, path: [...at, ...(finding.path ?? [])] })
  }) as Complain
}

function describeLoosen(others: ReadonlyMap<string, AnyPolicy>, authorization: readonly AnyPolicy[]): z.ZodType {
  const entries = [...others].map(([key, policy]) => {
    const options = withKeys(policy.options, { reason }).optional()
    return [key, options.describe(`Weaker than inherited: ${policy.summary}.`)]
  })
  return z
    .strictObject({
      ...Object.fromEntries(entries),
      authenticate: authenticateShape.optional().describe('Other credentials than the inherited ones.'),
      authorize: withKeys(describeAuthorize(authorization), { reason })
        .optional()
        .describe('Less than what callers must be allowed elsewhere.'),
    })
    .describe('Options that are weaker than the inherited ones, each with its reason.')
}

/** `exempt`: policies that do not apply here, each with its reason. */
export function createExemptEntry(policies: readonly AnyPolicy[]) {
  const names = policies.filter(({ kind }) => kind === 'protection').map(({ name }) => toConfigKey(name))
  return z
    .array(
      z.strictObject({
        policy: z.enum([...names, 'authorize']).describe('The key of the policy.'),
        reason,
      }),
    )
    .min(1)
    .describe('Inherited policies that do not apply here, each with its reason.')
}
