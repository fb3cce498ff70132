import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Fields } from '../core/fields.ts'
import { append, readSetFields } from './set-fields.ts'

/** Fields of `setHeader`, replaced by those of `writeHead` where both name one. */
export function takeHandlerFields(
  response: ServerResponse,
  given: OutgoingHttpHeaders | readonly unknown[] | undefined,
): Fields {
  const fields = new Fields()
  const count = readSetFields(response, fields)
  if (given === undefined || given === null) return fields
  const pairs = Array.isArray(given) ? toPairs(given) : Object.entries(given)
  if (count > 0) for (const [name] of pairs) fields.delete(name.toLowerCase())
  for (const [name, value] of pairs) append(fields, name.toLowerCase(), value as string)
  return fields
}

function toPairs(list: readonly unknown[]): [string, unknown][] {
  if (Array.isArray(list[0])) return list as [string, unknown][]
  const pairs: [string, unknown][] = []
  for (let i = 0; i < list.length; i += 2) pairs.push([String(list[i]), list[i + 1]])
  return pairs
}
