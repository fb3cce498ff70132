import { replaceJsonValues } from '../../core/json-values.ts'
import { createPointerTree, parsePointer } from '../../core/pointer-tree.ts'
import { parseCiphertext } from '../../crypto/ring/ciphertext.ts'
import type { KeyRing } from '../../crypto/ring/key-ring.ts'

export interface RecordWork {
  readonly ring: KeyRing
  /** JSON pointers to the fields, `*` for any one name or place. */
  readonly fields: readonly string[]
  /** The parts of the context; one that begins with `/` is a pointer to a text or whole number in the record. */
  readonly context: readonly string[]
  /** Encrypts fields that are no ciphertexts yet; without it they are an error. */
  readonly encryptsPlain: boolean
}

/** Makes what encrypts the fields of a record, one JSON object in one line, under the ring's active key. */
export function createRecordChange({ ring, fields, context, encryptsPlain }: RecordWork): (line: string) => string {
  const tree = createPointerTree(fields.map((field) => parsePointer(field) as string[]))
  return (line) => {
    const parts = resolveContext(line, context)
    return replaceJsonValues(line, tree, ({ raw, path }) => {
      const where = `/${path.join('/')}`
      const value: unknown = JSON.parse(raw)
      if (value === null) return null
      if (typeof value !== 'string') throw new Error(`${where} is no text`)
      if (parseCiphertext(value) === null) {
        if (!encryptsPlain) throw new Error(`${where} is no ciphertext: give --encrypt-plain to encrypt it`)
        return JSON.stringify(ring.encrypt(Buffer.from(value), parts))
      }
      return ring.isOutdated(value) ? JSON.stringify(ring.encrypt(ring.decrypt(value, parts), parts)) : null
    })
  }
}

function resolveContext(line: string, context: readonly string[]): string[] {
  if (!context.some((part) => part.startsWith('/'))) return [...context]
  const record: unknown = JSON.parse(line)
  return context.map((part) => {
    if (!part.startsWith('/')) return part
    const value = (parsePointer(part) as string[]).reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? at[name as never] : undefined),
      record,
    )
    if (typeof value === 'string') return value
    if (Number.isSafeInteger(value)) return String(value)
    throw new Error(`${part}, which the context needs, is no text and no whole number`)
  })
}
