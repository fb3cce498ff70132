/** Adds to an answer's `Vary` what it lacks, in place. */
export type AddVary = (flat: string[]) => void

/** Prepares `Vary` members, so that shared caches never hand the answer for one origin to another (RFC 9110 12.5.5). */
export function createVary(members: readonly string[]): AddVary {
  const whole = members.join(', ')
  return (flat) => {
    let first = -1
    let list = ''
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== 'vary') continue
      if (first === -1) first = i
      list = list === '' ? (flat[i + 1] as string) : `${list},${flat[i + 1]}`
    }
    if (first === -1) flat.push('vary', whole)
    else if (list !== whole) complete(flat, first, list, members)
  }
}

function complete(flat: string[], first: number, list: string, members: readonly string[]): void {
  const present = new Set(list.split(',').map((entry) => entry.trim().toLowerCase()))
  if (present.has('*')) return
  const missing = members.filter((member) => !present.has(member.toLowerCase()))
  if (missing.length > 0) flat[first + 1] = [flat[first + 1], ...missing].filter((entry) => entry !== '').join(', ')
}
