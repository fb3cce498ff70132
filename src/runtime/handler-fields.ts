import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Fields } from '../core/fields.ts'

/** Fields of `setHeader`, replaced by those of `writeHead` where both name one. */
export function takeHandlerFields(
  response: ServerResponse,
  given: OutgoingHttpHeaders | readonly unknown[] | undefined,
): Fields {
  const fields = new Fields()
  const names = response.getHeaderNames()
  for (let i = 0; i < names.length; i++) append(fields, names[i] as string, response.getHeader(names[i] as string))
  if (given === undefined || given === null) return fields
  const pairs = Array.isArray(given) ? toPairs(given) : Object.entries(given)
  if (names.length > 0) for (const [name] of pairs) fields.delete(name.toLowerCase())
  for (const [name, value] of pairs) append(fields, name.toLowerCase(), value as string)
  return fields
}

function toPairs(list: readonly unknown[]): [string, unknown][] {
  if (Array.isArray(list[0])) return list as [string, unknown][]
  const pairs: [string, unknown][] = []
  for (let i = 0; i < list.length; i += 2) pairs.push([String(list[i]), list[i + 1]])
  return pairs
}

function append(fields: Fields, name: string, value: number | string | readonly string[] | undefined): void {
  if (value === undefined) return
  if (Array.isArray(value)) for (const entry of value) fields.append(name, String(entry))
  else fields.append(name, String(value))
}
