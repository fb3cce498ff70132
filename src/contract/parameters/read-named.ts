import type { Pair } from '../../input/pairs.ts'
import type { Raw } from './coerce.ts'
import { type Style, split } from './split.ts'
import type { Shape } from './value-shape.ts'

/** Values by name, in the order in which they came. */
export type Named = ReadonlyMap<string, readonly string[]>

/** What stands for one parameter: nothing, a value with the names that it is made of, or something that is none. */
export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly raw: Raw; readonly names: readonly string[] }
  | { readonly kind: 'wrong'; readonly rule: 'style' | 'repeated'; readonly names: readonly string[] }

/** One parameter of a query, a form or cookies, prepared. */
export interface NamedParameter extends Style {
  readonly name: string
  readonly shape: Shape
  /** Of an object whose members stand side by side: the names that belong to it. */
  readonly members: ReadonlySet<string>
}

const absent: Found = Object.freeze({ kind: 'absent' })

export function groupPairs(pairs: readonly Pair[]): Named {
  const named = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    const values = named.get(name)
    if (values === undefined) named.set(name, [value])
    else values.push(value)
  }
  return named
}

/** Finds a parameter among names and values: styles `form`, `spaceDelimited`, `pipeDelimited` and `deepObject`. */
export function readNamed(named: Named, parameter: NamedParameter): Found {
  const { name, style, explode, shape, members } = parameter
  if (shape === 'object' && style === 'deepObject') return readDeep(named, name)
  if (shape === 'object' && explode) return readMembers(named, members)
  const values = named.get(name)
  if (values === undefined) return absent
  const names = [name]
  if (shape === 'array' && explode) return { kind: 'value', raw: values, names }
  if (values.length > 1) return { kind: 'wrong', rule: 'repeated', names }
  const raw = split(values[0] as string, name, parameter, shape)
  return raw === null ? { kind: 'wrong', rule: 'style', names } : { kind: 'value', raw, names }
}

/** `filter[color]=red&filter[size]=L`; deeper brackets have no meaning in OpenAPI. */
function readDeep(named: Named, name: string): Found {
  const raw = new Map<string, string | readonly string[]>()
  const names: string[] = []
  for (const [key, values] of named) {
    if (!key.startsWith(`${name}[`)) continue
    names.push(key)
    const member = key.slice(name.length + 1, -1)
    if (!key.endsWith(']') || member === '' || /[[\]]/.test(member)) return { kind: 'wrong', rule: 'style', names }
    raw.set(member, values.length === 1 ? (values[0] as string) : values)
  }
  return names.length === 0 ? absent : { kind: 'value', raw, names }
}

function readMembers(named: Named, members: ReadonlySet<string>): Found {
  const raw = new Map<string, string | readonly string[]>()
  for (const member of members) {
    const values = named.get(member)
    if (values !== undefined) raw.set(member, values.length === 1 ? (values[0] as string) : values)
  }
  return raw.size === 0 ? absent : { kind: 'value', raw, names: [...raw.keys()] }
}
