import { type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { parseJsonBody } from '../../core/json-body.ts'
import { replaceJsonValues } from '../../core/json-values.ts'
import type { KeyRing } from '../../crypto/ring/key-ring.ts'
import { encryptValue, indexValue } from './field-cipher.ts'
import type { FieldPlaces } from './field-places.ts'
import { holdsCiphertext } from './find-ciphertext.ts'
import { findObstacle } from './message-fields.ts'
import type { EncryptFieldsOptions } from './options.ts'

/** Judges a body before anything of it is encrypted. Returns its text, null where there is nothing to encrypt. */
export function checkRequest(
  { body, headers, upgrade }: Exchange,
  places: FieldPlaces,
  { otherTypes, maxFields }: EncryptFieldsOptions,
): Refusal | string | null {
  if (upgrade !== null) return refuse('fields_upgrade')
  const { bytes } = body
  if (bytes === null || bytes.length === 0) return null
  const obstacle = findObstacle(headers)
  if (obstacle !== null) return otherTypes === 'pass' ? null : refuse('fields_type', obstacle)
  const parsed = parseJsonBody(bytes)
  if (!parsed.ok) return refuse('fields_malformed', parsed.problem)
  if (holdsCiphertext(parsed.value)) return refuse('fields_ciphertext')
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  let [fields, indexes] = [0, 0]
  replaceJsonValues(text, places.tree, ({ path }) => {
    if (places.find(path).isIndex) indexes++
    else fields++
    return null
  })
  if (indexes > 0) return refuse('fields_index')
  return fields > maxFields ? refuse('fields_too_many', `${fields} fields, ${maxFields} allowed`) : text
}

/** The same document with its fields encrypted. */
export function encryptRequest(text: string, places: FieldPlaces, ring: KeyRing, context: string): string {
  return replaceJsonValues(text, places.tree, ({ raw, path }) => {
    const { name, field } = places.find(path)
    const encrypted = encryptValue(ring, raw, [context, name])
    if (field.blindIndex === undefined) return encrypted
    const index = indexValue(ring, raw, [context, name])
    // The pointer ends with a member's name, so another member may follow.
    return index === null ? encrypted : `${encrypted},${JSON.stringify(field.blindIndex)}:${index}`
  })
}
