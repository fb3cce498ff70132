import { ownPrefix } from './known-fields.ts'

/**
 * Drops the fields by which an upstream speaks to Portcullis: policies have read what was for them by now, and a client
 * is told none of it. Tells whether there were any. Lists are flat name/value pairs in lower case.
 */
export function dropOwnFields(flat: string[]): boolean {
  const before = flat.length
  for (let i = flat.length - 2; i >= 0; i -= 2) {
    const name = flat[i] as string
    // 0x70 is `p`: most names are told apart by their first letter.
    if (name.charCodeAt(0) === 0x70 && name.startsWith(ownPrefix)) flat.splice(i, 2)
  }
  return flat.length < before
}

/** For the log: what was said to nobody. */
export function notHeard(): Error {
  return new Error('a Portcullis-… field of the answer was dropped: no policy of the route reads it')
}
