import { parsePointer } from '../core/pointer-tree.ts'
import type { ProbeAnswer } from '../core/probe.ts'

/** An answer of an API, for probes. */
export function toJsonAnswer(document: unknown, status = 200): ProbeAnswer {
  return { status, headers: [['content-type', 'application/json']], body: JSON.stringify(document) }
}

/** A document that holds a value at a JSON pointer, of which `*` is any name, and nothing else. */
export function documentWith(pointer: string, value: unknown): unknown {
  const tokens = pointer === '' ? [] : (parsePointer(pointer) ?? [])
  // Of `__proto__` an assignment would make no member.
  return tokens.reduceRight<unknown>(
    (inner, token) => Object.fromEntries([[token === '*' ? 'probe' : token, inner]]),
    value,
  )
}
