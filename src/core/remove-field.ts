import type { Fields } from './fields.ts'

/**
 * Removes a field and those that some servers take for it: CGI and its heirs (RFC 3875 section 4.1.18) read `_` and
 * `-` in names as the same.
 */
export function removeField(fields: Fields, name: string): void {
  const flat = fields.flat
  for (let i = flat.length - 2; i >= 0; i -= 2) {
    const found = flat[i] as string
    if (found.length === name.length && (found === name || found.replaceAll('_', '-') === name)) flat.splice(i, 2)
  }
}
