import type { Composition } from '../../core/policy.ts'
import type { AnswerTypesOptions } from './options.ts'
import { covers } from './type-ranges.ts'

/** A route may allow fewer types than it inherits, and pass less that has none. */
export function compose(inherited: AnswerTypesOptions, own: AnswerTypesOptions): Composition {
  const { allow } = inherited
  const tighter =
    (allow === undefined || own.allow?.every((one) => covers(allow, one)) === true) &&
    (own.missing === inherited.missing || own.missing === 'refuse' || inherited.missing === 'pass') &&
    (own.charset === 'utf-8' || inherited.charset === 'upstream')
  return tighter ? 'tighter' : 'looser'
}
