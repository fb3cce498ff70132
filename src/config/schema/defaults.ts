import { z } from 'zod'
import { type AnyPolicy, toConfigKey } from '../../core/policy.ts'
import { didYouMean } from '../../core/suggest.ts'
import { createAuthorizeEntry } from './authorize.ts'
import { delegate } from './delegate.ts'
import { createPolicyEntries } from './policy-entries.ts'
import { createExemptEntry, createLoosenEntry } from './weakenings.ts'

/** What both `defaults` and routes may hold. */
export function createLayerShape(policies: readonly AnyPolicy[]) {
  return {
    authenticate: createAuthenticateEntry(policies).optional(),
    authorize: createAuthorizeEntry(policies).optional(),
    ...createPolicyEntries(policies),
    loosen: createLoosenEntry(policies).optional(),
    exempt: createExemptEntry(policies).optional(),
  }
}

/** `defaults`: what every route starts from. */
export function createDefaultsBlock(policies: readonly AnyPolicy[]) {
  return z
    .strictObject(createLayerShape(policies))
    .prefault({})
    .describe('What every route starts from, and may only tighten.')
}

/** `authenticate`: which credentials are accepted. */
function createAuthenticateEntry(policies: readonly AnyPolicy[]): z.ZodType<string[]> {
  const credentials = policies.filter(({ kind }) => kind === 'credential').map(({ name }) => toConfigKey(name))
  const others = policies.filter(({ kind }) => kind !== 'credential').map(({ name }) => toConfigKey(name))
  const name = delegate(
    () => z.enum(credentials as [string, ...string[]]),
    (value, complain) => {
      if (typeof value === 'string' && credentials.includes(value)) return value
      const text = typeof value === 'string' ? value : ''
      complain({
        message: others.includes(text) ? `"${text}" is not a credential` : 'is not the name of a credential policy',
        hint: didYouMean(text, credentials) ?? `Possible here: ${credentials.join(', ')}.`,
      })
      return undefined
    },
  )
  return z
    .array(name)
    .min(1)
    .superRefine((names, context) => {
      names.forEach((one, i) => {
        if (names.indexOf(one) !== i)
          context.addIssue({ code: 'custom', path: [i], message: `"${one}" is listed twice` })
      })
    })
    .describe(
      'Which credentials are accepted; a request must carry exactly one. Their options stand under their own key.',
    )
}
