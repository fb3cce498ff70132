import type { Span } from './find/span.ts'
import { type KindName, kinds } from './kinds.ts'

/** A value in a text. */
export interface Found extends Span {
  readonly kind: KindName
}

/** Finds values of some kinds; none of them overlap, and they stand in the order of the text. */
export type Scan = (text: string) => readonly Found[]

const nothing: readonly Found[] = []
/** No kind has a shorter value: `a@b.co`. */
const minLength = 6
const hint = /\d|@|%40|-----B|[_.-]/

export function createScan(names: readonly KindName[]): Scan {
  const order = Object.keys(kinds) as KindName[]
  const finds = order.filter((name) => names.includes(name)).map((kind) => ({ kind, find: kinds[kind].find }))
  const spans: Span[] = []
  return (text) => {
    if (text.length < minLength || !hint.test(text)) return nothing
    let found: Found[] | null = null
    for (const { kind, find } of finds) {
      find(text, spans)
      if (spans.length === 0) continue
      found ??= []
      for (const { start, end } of spans) found.push({ start, end, kind })
      spans.length = 0
    }
    return found === null ? nothing : found.length === 1 ? found : withoutOverlaps(found)
  }
}

/** The sort is stable: where two begin at one place, the kind that stands first wins. */
function withoutOverlaps(found: readonly Found[]): readonly Found[] {
  let end = 0
  return found
    .toSorted((a, b) => a.start - b.start)
    .filter((one) => {
      if (one.start < end) return false
      end = one.end
      return true
    })
}
