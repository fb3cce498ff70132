/** The known name that was probably meant; null when none is near. */
export function suggest(written: string, known: Iterable<string>): string | null {
  const plain = toPlain(written)
  let best: string | null = null
  let least = Math.max(1, Math.floor(plain.length / 3)) + 1
  for (const name of known) {
    const distance = editDistance(plain, toPlain(name), least)
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

/** `Did you mean "cors"?`, or null. */
export function didYouMean(written: string, known: Iterable<string>): string | null {
  const name = suggest(written, known)
  return name === null ? null : `Did you mean "${name}"?`
}

/** `rate-limit`, `ratelimit` and `rateLimit` are one name to a person. */
function toPlain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '')
}

/** Optimal string alignment distance; stops once it cannot stay below `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((row[j - 1] as number) + 1, (last[j] as number) + 1, (last[j - 1] as number) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1)
      }
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] as number
}
