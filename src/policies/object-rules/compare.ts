import type { Principal } from '../../core/principal.ts'
import type { ObjectRule } from './options.ts'

/**
 * A value as rules compare it: text as it is, and whole numbers as they are written. Nothing is folded: neither case
 * nor Unicode forms nor white space. A number that this program cannot hold exactly is no value, because the upstream
 * might read another one.
 */
export function toComparable(value: unknown): string | null {
  if (typeof value === 'string') return value
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : null
}

/** What a rule lets the value be for this caller; empty where the caller has nothing of the kind. */
export function allowedValues({ equals, in: list }: ObjectRule, principal: Principal): readonly string[] {
  const claim = readClaim(principal, equals ?? list ?? '')
  const values: readonly unknown[] = list !== undefined && Array.isArray(claim) ? claim : [claim]
  return values.flatMap((value) => {
    const text = toComparable(value)
    // An empty text would make everything that is empty the caller's own.
    return text === null || text === '' ? [] : [text]
  })
}

function readClaim(principal: Principal, name: string): unknown {
  const [, key = '', ...rest] = name.split('.')
  if (key === 'id' || key === 'tenant' || key === 'issuer') return principal[key]
  const attribute = rest.join('.')
  return Object.hasOwn(principal.attributes, attribute) ? principal.attributes[attribute] : undefined
}
