import type { Composition } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import type { InjectionOptions } from './options.ts'

const strictness = { pass: 0, judge: 1, refuse: 2 }

/** A route may look for more, in more places, and excuse less than it inherits. */
export function compose(inherited: InjectionOptions, own: InjectionOptions): Composition {
  const tighter =
    inherited.classes.every((one) => own.classes.includes(one)) &&
    own.threshold <= inherited.threshold &&
    inherited.headers.every((one) => own.headers.includes(one)) &&
    (own.cookies || !inherited.cookies) &&
    (own.text || !inherited.text) &&
    strictness[own.otherTypes] >= strictness[inherited.otherTypes] &&
    own.maxBodyBytes <= inherited.maxBodyBytes &&
    own.exclude.every((one) => inherited.exclude.some((other) => covers(other, one))) &&
    inherited.urlFields.every((one) => own.urlFields.some((other) => isSame(one, other))) &&
    resolvesAsWell(inherited.resolveUrls, own.resolveUrls)
  return tighter ? 'tighter' : 'looser'
}

type Exclusion = InjectionOptions['exclude'][number]

/** Whether all that one exclusion excuses is excused by another. */
function covers(wider: Exclusion, one: Exclusion): boolean {
  if (wider.in !== one.in || wider.at !== one.at) return false
  if (wider.classes === undefined) return true
  return one.classes?.every((kind) => wider.classes?.includes(kind)) ?? false
}

function resolvesAsWell(inherited: InjectionOptions['resolveUrls'], own: InjectionOptions['resolveUrls']): boolean {
  if (inherited === undefined) return true
  return own !== undefined && (own.onFailure === 'refuse' || inherited.onFailure === 'allow')
}
