import { BoundedCache } from '../../core/bounded-cache.ts'

/** Adds to an answer's `Vary` what it lacks, in place. */
export type AddVary = (flat: string[]) => void

/** Prepares `Vary` members, so that shared caches never hand the answer for one origin to another (RFC 9110 12.5.5). */
export function createVary(members: readonly string[]): AddVary {
  const whole = members.join(', ')
  // Upstreams send few different values, so each is completed once.
  const completed = new BoundedCache<string>({ maxEntries: 128, maxKeyLength: 16 * 1024 })

  function complete(list: string): string {
    let own = completed.get(list)
    if (own === undefined) {
      own = completeVary(list, members)
      completed.set(list, own)
    }
    return own
  }

  return (flat) => {
    let at = -1
    let kept = 0
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string
      if (name === 'vary') {
        if (at !== -1) {
          flat[at] = `${flat[at]}, ${flat[i + 1]}`
          continue
        }
        at = kept + 1
      }
      if (kept !== i) {
        flat[kept] = name
        flat[kept + 1] = flat[i + 1] as string
      }
      kept += 2
    }
    if (kept !== flat.length) flat.length = kept
    if (at === -1) flat.push('vary', whole)
    else flat[at] = complete(flat[at] as string)
  }
}

function completeVary(list: string, members: readonly string[]): string {
  const entries = list.split(',').flatMap((entry) => entry.trim() || [])
  const present = new Set(entries.map((entry) => entry.toLowerCase()))
  if (present.has('*')) return list
  return [...entries, ...members.filter((member) => !present.has(member.toLowerCase()))].join(', ')
}
