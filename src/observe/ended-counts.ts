import type { MetricJson } from './metrics.ts'

type Value = MetricJson['values'][number]

interface Family {
  readonly help: string
  readonly type: MetricJson['type']
  readonly values: Map<string, { readonly origin: Value; sum: number }>
}

/** The most values of one name; those of further series are counted together under the label value `other`. */
const maxValues = 40_000

/** What threads counted that have ended, added up: the counters of all threads together must never go back. */
export class EndedCounts {
  readonly #families = new Map<string, Family>()

  /** Adds what one of them reported last. Gauges ended with it. */
  add(metrics: readonly MetricJson[]): void {
    for (const { name, help, type, values } of countsOf(metrics)) {
      let family = this.#families.get(name)
      if (family === undefined) {
        family = { help, type, values: new Map() }
        this.#families.set(name, family)
      }
      for (const value of values) addTo(family, value)
    }
  }

  toJson(): MetricJson[] {
    return [...this.#families].map(([name, { help, type, values }]) => ({
      name,
      help,
      type,
      aggregator: 'sum',
      values: [...values.values()].map(({ origin, sum }) => ({ ...origin, value: sum })),
    }))
  }
}

/** All but gauges, which say how something is at the moment. */
export function countsOf(metrics: readonly MetricJson[]): MetricJson[] {
  return metrics.filter(({ type }) => type !== 'gauge')
}

function addTo({ values }: Family, value: Value): void {
  let origin = value
  let key = keyOf(value)
  if (!values.has(key) && values.size >= maxValues) {
    origin = { ...value, labels: toOther(value.labels) }
    key = keyOf(origin)
  }
  const kept = values.get(key)
  if (kept === undefined) values.set(key, { origin, sum: value.value })
  else kept.sum += value.value
}

function keyOf({ metricName, labels }: Value): string {
  return JSON.stringify([metricName, labels])
}

/** A histogram's bucket stays the bucket that it is. */
function toOther(labels: Value['labels']): Value['labels'] {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, label === 'le' ? value : 'other']))
}
