import { createFormSearch, type Form } from './find/forms.ts'
import type { Find, Span } from './find/span.ts'
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
  const steps = createSteps((Object.keys(kinds) as KindName[]).filter((name) => names.includes(name)))
  return (text) => {
    if (text.length < minLength || !hint.test(text)) return nothing
    const found: Found[] = []
    for (const step of steps) step(text, found)
    return found.length > 1 ? withoutOverlaps(found) : found
  }
}

type Step = (text: string, found: Found[]) => void

/** One for each kind, in their order, and one for all that have a form. */
function createSteps(order: readonly KindName[]): readonly Step[] {
  const steps: Step[] = []
  const formed = order.filter((kind) => kinds[kind].form !== undefined)
  const search = createFormSearch(formed.map((kind) => kinds[kind].form as Form))
  for (const kind of order) {
    const { find } = kinds[kind]
    if (find !== undefined) steps.push(createStep(kind, find))
    else if (kind === formed[0]) {
      steps.push((text, found) =>
        search(text, (form, { start, end }) => found.push({ start, end, kind: formed[form] as KindName })),
      )
    }
  }
  return steps
}

function createStep(kind: KindName, find: Find): Step {
  const spans: Span[] = []
  return (text, found) => {
    find(text, spans)
    for (const { start, end } of spans) found.push({ start, end, kind })
    spans.length = 0
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
