import { replaceJsonValues } from '../../core/json-values.ts'
import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import type { KeyRing } from '../../crypto/ring/key-ring.ts'
import { decryptValue } from './field-cipher.ts'
import type { FieldPlaces } from './field-places.ts'
import { hideValue } from './hide-value.ts'

/** What a look at an answer found, before anything of it is decrypted. */
export interface AnswerFields {
  readonly count: number
  /** The keys that its ciphertexts name. */
  readonly keyIds: ReadonlySet<string>
}

/** @throws `JsonValuesError` */
export function findFields(text: string, { tree }: FieldPlaces): AnswerFields {
  const keyIds = new Set<string>()
  let count = 0
  replaceJsonValues(text, tree, ({ raw }) => {
    count++
    const value: unknown = JSON.parse(raw)
    const parsed = typeof value === 'string' ? parseCiphertext(value) : null
    if (parsed !== null) keyIds.add(parsed.keyId)
    return null
  })
  return { count, keyIds }
}

export interface AnswerWork {
  readonly ring: KeyRing
  readonly context: string
  readonly reveals: boolean
  /** A value stands where a ciphertext should, or one that is not of this field. */
  readonly onForeign: (path: readonly string[]) => void
}

/** The same document with its fields decrypted or hidden. What cannot be decrypted is hidden from everyone. */
export function decryptAnswer(text: string, places: FieldPlaces, work: AnswerWork): string {
  const { ring, context, reveals, onForeign } = work
  return replaceJsonValues(text, places.tree, ({ raw, path }) => {
    const { name, field, isIndex } = places.find(path)
    // It tells who has the same value.
    if (isIndex) return undefined
    // The upstream has no value.
    if (raw === 'null') return null
    const json = decryptValue(ring, raw, [context, name])
    if (json === null) onForeign(path)
    return reveals && json !== null ? json : hideValue(json, field.hide)
  })
}
