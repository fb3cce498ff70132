/** A value that a policy cannot be shown; the decision must not be made without it. */
export class UnusableValue extends Error {}

/** Keys that the engine's JSON gives a meaning: in a caller's hands they would make a text an entity. */
const reserved = ['__entity', '__extn', '__expr']

/**
 * JSON as Cedar knows it: texts, whole numbers, truth values, lists and records. A null is left out, as Cedar has none
 * and policies ask with `has`. Everything else throws.
 */
export function toCedarValue(value: unknown, name: string): CedarValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isSafeInteger(value)) return value
      throw new UnusableValue(`${name} holds a number that is no whole one, which Cedar does not know`)
    case 'object':
      if (value === null) return undefined
      if (Array.isArray(value)) return toCedarList(value, name)
      return toCedarRecord(value as Readonly<Record<string, unknown>>, name)
    default:
      return undefined
  }
}

export type CedarValue = string | number | boolean | CedarValue[] | { [key: string]: CedarValue }

export function toCedarRecord(record: Readonly<Record<string, unknown>>, name: string): { [key: string]: CedarValue } {
  const entries: [string, CedarValue][] = []
  for (const [key, entry] of Object.entries(record)) {
    if (reserved.includes(key))
      throw new UnusableValue(`${name} holds the member "${key}", which has a meaning of its own`)
    const value = toCedarValue(entry, name)
    if (value !== undefined) entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

/** Not by `flatMap`, which would take lists within the list apart. */
function toCedarList(list: readonly unknown[], name: string): CedarValue[] {
  const values: CedarValue[] = []
  for (const entry of list) {
    const value = toCedarValue(entry, name)
    if (value !== undefined) values.push(value)
  }
  return values
}
