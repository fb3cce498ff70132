const durationUnitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const rateUnitsMs: Readonly<Record<string, number>> = {
  s: 1000,
  sec: 1000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
}
const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** A rate: so many per window. */
export interface Rate {
  readonly limit: number
  readonly windowMs: number
}

/** `30s`, `1.5h`, `250ms` → milliseconds; null when it is not a duration. */
export function parseDuration(text: string): number | null {
  return parseQuantity(text, durationUnitsMs)
}

/** `1MiB`, `64 kB`, `512B` → bytes; null when it is not a size. */
export function parseBytes(text: string): number | null {
  return parseQuantity(text, byteUnits)
}

/** `100/min`, `5/10s` → a rate; null when it is not one. */
export function parseRate(text: string): Rate | null {
  const match = /^(\d+)\s*\/\s*(\d+)?\s*([a-z]+)$/.exec(text.trim())
  if (match === null) return null
  const unitMs = rateUnitsMs[match[3] as string]
  const limit = Number(match[1])
  const windowMs = Number(match[2] ?? 1) * (unitMs ?? Number.NaN)
  return Number.isSafeInteger(limit) && limit > 0 && Number.isSafeInteger(windowMs) && windowMs > 0
    ? { limit, windowMs }
    : null
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim())
  const unit =
    match === null ? undefined : Object.hasOwn(units, match[2] as string) ? units[match[2] as string] : undefined
  if (match === null || unit === undefined) return null
  const value = Math.round(Number(match[1]) * unit)
  return Number.isSafeInteger(value) ? value : null
}

/** Milliseconds as a person writes them, in the largest unit that they are a whole number of: `90s`, `2h`. */
export function formatDuration(ms: number): string {
  return formatQuantity(ms, { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 })
}

/** Bytes likewise: `64KiB`, `1MiB`. */
export function formatBytes(bytes: number): string {
  return formatQuantity(bytes, { GiB: 1024 ** 3, MiB: 1024 ** 2, KiB: 1024, B: 1 })
}

/** @param units the largest first */
function formatQuantity(value: number, units: Readonly<Record<string, number>>): string {
  const all = Object.entries(units)
  const [name, size] =
    (value === 0 ? undefined : all.find(([, unit]) => value % unit === 0)) ?? (all.at(-1) as [string, number])
  return `${value / size}${name}`
}
