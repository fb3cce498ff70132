import type { Exchange } from '../../core/exchange.ts'
import { isJsonType, parseJsonBody } from '../../core/json-body.ts'
import { ambiguous, readQueryValue } from '../../core/query-value.ts'
import { toComparable } from './compare.ts'
import { leadsElsewhere, missing, readPointer, toKeys } from './json-pointer.ts'
import type { ObjectRule } from './options.ts'

/** The value that a request names, null where it names none, or why it cannot be told. */
export type RequestValue = { readonly value: string | null } | { readonly problem: string }

/** Prepares how a rule reads its value out of a request; null for rules on answers. */
export function createReader({ param, query, body }: ObjectRule): ((exchange: Exchange) => RequestValue) | null {
  if (param !== undefined) return ({ params }) => ({ value: params[param] ?? null })
  if (query !== undefined) return (exchange) => readQuery(exchange.query, query)
  if (body === undefined) return null
  const keys = toKeys(body)
  return (exchange) => readBody(exchange, keys, body)
}

function readQuery(query: string, name: string): RequestValue {
  const value = readQueryValue(query, name)
  return value === ambiguous ? { problem: `the query parameter "${name}" can be read in several ways` } : { value }
}

function readBody({ body, headers }: Exchange, keys: readonly string[], pointer: string): RequestValue {
  const { bytes } = body
  if (bytes === null || bytes.length === 0) return { value: null }
  if (!isJsonType(headers.get('content-type')) || headers.all('content-type').length > 1) {
    return { problem: 'the body is not of a JSON type' }
  }
  if (headers.has('content-encoding')) return { problem: 'the body is compressed' }
  const parsed = parseJsonBody(bytes)
  if (!parsed.ok) return { problem: parsed.problem }
  if (leadsElsewhere(parsed.value, keys)) return { problem: `a member of ${pointer} is there in another case` }
  const found = readPointer(parsed.value, keys)
  if (found === missing) return { value: null }
  const value = toComparable(found)
  return value === null ? { problem: `${pointer} is neither text nor a whole number` } : { value }
}
