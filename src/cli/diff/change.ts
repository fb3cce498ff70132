/** One thing that differs between two policy files, and what that does to the protection. */
export interface Change {
  readonly effect: 'weakens' | 'tightens' | 'changes'
  /** What it is about: a route, an upstream, a listener. */
  readonly subject: string
  readonly text: string
}

/** An option that differs: its path and both values as text. */
interface Difference {
  readonly key: string
  readonly before: unknown
  readonly after: unknown
}

/** `maxBytes: 1 MiB → 2 MiB, per: ip → principal` */
export function describeDifferences(before: unknown, after: unknown): string {
  return findDifferences(before, after, '')
    .map(
      ({ key, before: from, after: to }) => `${key === '' ? '' : `${key}: `}${toText(key, from)} → ${toText(key, to)}`,
    )
    .join(', ')
}

function findDifferences(before: unknown, after: unknown, key: string): Difference[] {
  if (!isPlain(before) || !isPlain(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ key, before, after }]
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((name) => findDifferences(before[name], after[name], key === '' ? name : `${key}.${name}`))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toText(key: string, value: unknown): string {
  if (value === undefined || value === null) return 'none'
  if (typeof value === 'number' && /bytes$/i.test(key)) return toQuantity(value, byteUnits)
  if (typeof value === 'number' && /ms$/i.test(key)) return toQuantity(value, timeUnits)
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return `[${value.join(', ')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const byteUnits = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
  [1, 'B'],
] as const

const timeUnits = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
  [1, 'ms'],
] as const

/** In the largest unit that it is a whole number of. */
function toQuantity(value: number, units: readonly (readonly [number, string])[]): string {
  const [size, name] = units.find(([unit]) => value !== 0 && value % unit === 0) ?? units.at(-1) ?? [1, '']
  return `${value / size}${name}`
}
