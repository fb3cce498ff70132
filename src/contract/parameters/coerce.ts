import type { ValueShape } from './value-shape.ts'

/** A value as a style took it apart, before its texts are numbers and the like. */
export type Raw = string | readonly string[] | ReadonlyMap<string, string | readonly string[]>

const integer = /^(?:0|-?[1-9]\d{0,18})$/
const decimal = /^-?(?:0|[1-9]\d{0,18})(?:\.\d{1,30})?$/

/**
 * Reads texts as what the schema asks for, as JSON would write it: `01`, `1e3`, `0x1`, ` 1` and `True` stay texts, and
 * are then of the wrong type.
 */
export function coerce(raw: Raw, shape: ValueShape): unknown {
  if (typeof raw === 'string') return coerceText(raw, shape.types)
  if (Array.isArray(raw)) return raw.map((text: string, i) => coerceText(text, shape.item(i).types))
  // It inherits nothing, so that a member may have any name.
  const object = Object.create(null) as Record<string, unknown>
  for (const [name, value] of raw as Exclude<Raw, string | readonly string[]>) {
    object[name] = coerce(value, shape.property(name))
  }
  return object
}

function coerceText(text: string, types: ReadonlySet<string>): unknown {
  if (types.has('number') ? decimal.test(text) : types.has('integer') && integer.test(text)) return Number(text)
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (types.has('null') && !types.has('string') && (text === '' || text === 'null')) return null
  return text
}
