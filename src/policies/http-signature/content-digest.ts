import { createHash } from 'node:crypto'
import { parseDictionary } from './structured-field.ts'

const digests = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
])

/**
 * Whether a `Content-Digest` field (RFC 9530 section 2) fits these bytes: one digest that is known at least, and no known
 * one that is wrong.
 */
export function isContentDigest(field: string, content: Uint8Array): boolean {
  let known = 0
  for (const [name, member] of parseDictionary(field) ?? []) {
    const algorithm = digests.get(name)
    if (algorithm === undefined) continue
    if (!('value' in member) || !(member.value instanceof Uint8Array)) return false
    if (!createHash(algorithm).update(content).digest().equals(member.value)) return false
    known++
  }
  return known > 0
}
