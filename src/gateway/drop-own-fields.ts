import { ownPrefix } from './known-fields.ts'

/**
 * Drops the fields by which an upstream speaks to Portcullis: policies have read what was for them by now, and a client
 * is told none of it. Lists are flat name/value pairs in lower case.
 */
export function dropOwnFields(flat: string[]): void {
  for (let i = flat.length - 2; i >= 0; i -= 2) {
    const name = flat[i] as string
    // 0x70 is `p`: most names are told apart by their first letter.
    if (name.charCodeAt(0) === 0x70 && name.startsWith(ownPrefix)) flat.splice(i, 2)
  }
}
