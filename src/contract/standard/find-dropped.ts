import type { Violation } from '../../input/violation.ts'
import { toToken } from '../schema/references.ts'

/** As many as a problem tells, and a few more. */
const most = 50

/**
 * Finds members of what came that a library left out of what it gave back (mass assignment). Where an object became
 * something that shows no members, such as an instance, nothing proves that they are known, and it counts as left out.
 */
export function findDropped(input: unknown, output: unknown, place: Violation['in'], at: string): Violation[] {
  const found: Violation[] = []
  compare(input, output, at)
  return found

  function compare(came: unknown, given: unknown, where: string): void {
    if (typeof came !== 'object' || came === null || found.length >= most) return
    if (Array.isArray(came)) compareList(came, given, where)
    else if (isRecord(given)) compareMembers(came, given, where)
    else drop(where, 'an object whose members the schema gives back')
  }

  function compareMembers(came: object, given: Record<string, unknown>, where: string): void {
    for (const [name, member] of Object.entries(came)) {
      const below = `${where}/${toToken(name)}`
      if (Object.hasOwn(given, name)) compare(member, given[name], below)
      else drop(below, 'no such property')
    }
  }

  function compareList(came: readonly unknown[], given: unknown, where: string): void {
    if (Array.isArray(given) && given.length === came.length) {
      for (let i = 0; i < came.length; i++) compare(came[i], given[i], `${where}/${i}`)
    } else if (came.some((one) => typeof one === 'object' && one !== null)) {
      drop(where, 'a list whose members the schema gives back')
    }
  }

  function drop(where: string, expected: string): void {
    if (found.length < most) found.push({ in: place, at: where, rule: 'additionalProperties', expected })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
