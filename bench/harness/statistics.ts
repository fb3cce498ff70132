/** The middle of several measurements and how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

export function toSpread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/**
 * Ratios of values that were measured in the same round, and so within seconds of each other: what slows the whole
 * machine for a while slows both and cancels out.
 */
export function pairedRatios(of: readonly number[], to: readonly number[]): number[] {
  if (of.length !== to.length) throw new RangeError(`${of.length} and ${to.length} rounds cannot be compared`)
  return of.map((value, round) => {
    const other = to[round] as number
    if (!(other > 0)) throw new RangeError('a ratio to nothing was asked for')
    return value / other
  })
}

/** The value below which `share` of all lie, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] as number
}
