import { type Refusal, refuse } from '../../core/decision.ts'
import type { Fields } from '../../core/fields.ts'
import { type InnerList, isInnerList, parseDictionary } from './structured-field.ts'

export interface PresentedSignature {
  readonly keyId: string
  readonly covered: InnerList
  readonly signature: Uint8Array
}

const maxFieldLength = 16 * 1024
const maxSignatures = 8

/** Finds the one signature that counts here; null where none was sent. Others may be for somebody else. */
export function selectSignature(
  headers: Fields,
  tag: string | undefined,
  isKnown: (keyId: string) => boolean,
): PresentedSignature | Refusal | null {
  const [inputs, signatures] = [headers.all('signature-input').join(', '), headers.all('signature').join(', ')]
  if (inputs === '' && signatures === '') return null
  if (inputs.length > maxFieldLength || signatures.length > maxFieldLength) {
    return refuse('http_signature_malformed', 'too long')
  }
  const [described, given] = [parseDictionary(inputs), parseDictionary(signatures)]
  if (described === null || given === null) return refuse('http_signature_malformed', 'not a dictionary')
  if (described.size !== given.size || described.size > maxSignatures) {
    return refuse('http_signature_malformed', 'the labels of the two fields differ, or are too many')
  }
  const found: PresentedSignature[] = []
  for (const [label, covered] of described) {
    const member = given.get(label)
    if (!isInnerList(covered) || member === undefined || isInnerList(member)) {
      return refuse('http_signature_malformed', label)
    }
    if (!(member.value instanceof Uint8Array)) return refuse('http_signature_malformed', label)
    const keyId = covered.parameters.get('keyid')
    if (typeof keyId !== 'string' || !isKnown(keyId) || covered.parameters.get('tag') !== tag) continue
    found.push({ keyId, covered, signature: member.value })
  }
  const [first, second] = found
  if (first === undefined) return refuse('http_signature_unknown')
  return second === undefined ? first : refuse('http_signature_ambiguous', `${first.keyId} and ${second.keyId}`)
}
