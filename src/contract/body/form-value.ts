import { parseJsonBody } from '../../core/json-body.ts'
import { toBodyKind } from '../../input/media-type.ts'
import type { Violation } from '../../input/violation.ts'
import type { EncodingContract, MediaContract } from '../../openapi/operation.ts'
import { coerce, type Raw } from '../parameters/coerce.ts'
import { type Named, readNamed } from '../parameters/read-named.ts'
import { ValueShape } from '../parameters/value-shape.ts'
import { createReferences, toToken } from '../schema/references.ts'

/** The object that a form stands for, and what keeps it from standing for one. */
export interface FormValue {
  readonly value: unknown
  readonly violations: readonly Violation[]
}

const plain: EncodingContract = { contentType: null, style: 'form', explode: true }
/** What an object is written in where nothing says how (OpenAPI 3.1 section 4.8.15). */
const complex: EncodingContract = { ...plain, contentType: 'application/json' }

/** Prepares how the fields of a form become an object: each property by its encoding and its schema. */
export function createFormReader({ schema, encoding }: MediaContract): (named: Named) => FormValue {
  const form = new ValueShape(schema, createReferences(schema))
  return (named) => {
    // It inherits nothing, so that a field may have any name.
    const value = Object.create(null) as Record<string, unknown>
    const violations: Violation[] = []
    const used = new Set<string>()
    const read = (name: string) => {
      const property = form.property(name)
      const how = encoding.get(name) ?? (property.shape === 'object' ? complex : plain)
      const shape = how.contentType === null ? property.shape : 'primitive'
      const found = readNamed(named, { ...how, name, shape, members: property.names })
      if (found.kind === 'absent') return
      for (const one of found.names) used.add(one)
      if (found.kind === 'wrong') {
        violations.push(fieldViolation(name, found.rule, found.rule === 'repeated' ? 'one value' : how.style))
        return
      }
      const one = readValue(found.raw, how.contentType, property)
      if (one === null) violations.push(fieldViolation(name, 'contentType', how.contentType ?? ''))
      else value[name] = one.value
    }
    for (const name of form.names) read(name)
    for (const name of named.keys()) if (!used.has(name)) read(name)
    return { value, violations }
  }
}

export function fieldViolation(name: string, rule: string, expected: string): Violation {
  return { in: 'body', at: `/${toToken(name)}`, rule, expected }
}

function readValue(raw: Raw, contentType: string | null, shape: ValueShape): { readonly value: unknown } | null {
  if (contentType === null || toBodyKind(contentType) !== 'json') return { value: coerce(raw, shape) }
  const parsed = parseJsonBody(Buffer.from(raw as string))
  return parsed.ok ? { value: parsed.value } : null
}
