import { parseJsonBody } from '../../core/json-body.ts'
import type { Part } from '../../input/multipart.ts'
import type { Violation } from '../../input/violation.ts'
import type { MediaContract } from '../../openapi/operation.ts'
import { coerce } from '../parameters/coerce.ts'
import { ValueShape } from '../parameters/value-shape.ts'
import { createReferences } from '../schema/references.ts'
import { type FormValue, fieldViolation } from './form-value.ts'
import { matchesType } from './media-range.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Prepares how the parts of a body become an object (OpenAPI 3.1 section 4.8.14.4): objects are read as JSON, what
 * repeats is a list, and a file is a text with one character for each byte, as `format: binary` means it.
 */
export function createPartsReader({ schema, encoding }: MediaContract): (parts: readonly Part[]) => FormValue {
  const form = new ValueShape(schema, createReferences(schema))
  return (parts) => {
    const value = Object.create(null) as Record<string, unknown>
    const violations: Violation[] = []
    for (const part of parts) {
      const { name } = part
      const property = form.property(name)
      const isList = property.shape === 'array'
      const types = encoding.get(name)?.contentType ?? null
      const one = isOfType(part, types) ? readPart(part, isList ? property.item(0) : property) : null
      if (one === null) violations.push(fieldViolation(name, 'contentType', types ?? 'a value of its type'))
      else if (!Object.hasOwn(value, name)) value[name] = isList ? [one.value] : one.value
      else if (isList) (value[name] as unknown[]).push(one.value)
      else violations.push(fieldViolation(name, 'repeated', 'one value'))
    }
    return { value, violations }
  }
}

/** Whether the part declares one of the types that its encoding lists, separated by commas. */
function isOfType({ type }: Part, ranges: string | null): boolean {
  return ranges === null || ranges.split(',').some((range) => matchesType(range.trim(), type ?? 'text/plain'))
}

function readPart({ bytes, fileName }: Part, shape: ValueShape): { readonly value: unknown } | null {
  if (shape.shape !== 'primitive') {
    const parsed = parseJsonBody(bytes)
    return parsed.ok ? { value: parsed.value } : null
  }
  if (fileName !== null)
    return { value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') }
  try {
    return { value: coerce(utf8.decode(bytes), shape) }
  } catch {
    return null
  }
}
