import type { Fields } from '../core/fields.ts'
import { removeField } from '../core/remove-field.ts'

/** Digests of the bytes that came are none of those that go on (RFC 9530, RFC 3230). */
const digests = ['content-digest', 'repr-digest', 'digest', 'content-md5']

export function dropDigests(headers: Fields): void {
  for (const name of digests) removeField(headers, name)
}
