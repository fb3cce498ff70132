import type { Counter, Meter } from '../core/telemetry.ts'

type Labels = Readonly<Record<string, string>>

/** One series as Prometheus' client library exchanges it between processes. */
export interface MetricJson {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How the values of several threads become one. */
  readonly aggregator: 'sum' | 'min'
  readonly values: readonly {
    readonly value: number
    readonly labels: Record<string, string | number>
    readonly metricName?: string
  }[]
}

interface CounterSeries extends Counter {
  readonly labels: Labels
  value: number
}

interface ReadSeries {
  readonly labels: Labels
  read: () => number
}

interface Family<S> {
  readonly help: string
  readonly series: Map<string, S>
}

/** The most series of one name; further ones are counted together under the label value `other`. */
const maxSeries = 2_000

/**
 * Metrics of one thread. Counting is an addition on an object that was looked up before; the form that Prometheus
 * reads is made when somebody scrapes.
 */
export class Metrics implements Meter {
  readonly #counters = new Map<string, Family<CounterSeries>>()
  readonly #gauges = new Map<string, Family<ReadSeries>>()
  readonly #totals = new Map<string, Family<ReadSeries>>()
  readonly #histograms = new Map<string, Family<Histogram>>()

  counter(name: string, help: string, labels: Labels = {}): Counter {
    return findSeries(this.#counters, name, help, labels, (own) => {
      const series: CounterSeries = {
        labels: own,
        value: 0,
        add(value = 1) {
          series.value += value
        },
      }
      return series
    })
  }

  /** A gauge that is made again, after a reload say, is read from its newest source. */
  gauge(name: string, help: string, read: () => number, labels: Labels = {}): void {
    findSeries(this.#gauges, name, help, labels, (own) => ({ labels: own, read })).read = read
  }

  total(name: string, help: string, read: () => number, labels: Labels = {}): void {
    findSeries(this.#totals, name, help, labels, (own) => ({ labels: own, read })).read = read
  }

  histogram(name: string, help: string, labels: Labels = {}): Histogram {
    return findSeries(this.#histograms, name, help, labels, (own) => new Histogram(own))
  }

  toJson(): MetricJson[] {
    const metrics: MetricJson[] = []
    for (const [name, { help, series }] of this.#counters) {
      const values = [...series.values()].map(({ labels, value }) => ({ labels: { ...labels }, value }))
      metrics.push({ name, help, type: 'counter', aggregator: 'sum', values })
    }
    for (const [name, { help, series }] of this.#gauges) {
      metrics.push({ name, help, type: 'gauge', aggregator: 'sum', values: readAll(series) })
    }
    for (const [name, { help, series }] of this.#totals) {
      metrics.push({ name, help, type: 'counter', aggregator: 'sum', values: readAll(series) })
    }
    for (const [name, { help, series }] of this.#histograms) {
      const values = [...series.values()].flatMap((histogram) => histogram.toValues(name))
      metrics.push({ name, help, type: 'histogram', aggregator: 'sum', values })
    }
    return metrics
  }
}

/** Upper bounds in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Durations in buckets. */
export class Histogram {
  readonly #labels: Labels
  readonly #buckets = new Float64Array(bounds.length)
  #sum = 0
  #count = 0

  constructor(labels: Labels) {
    this.#labels = labels
  }

  observe(seconds: number): void {
    this.#sum += seconds
    this.#count++
    for (let i = 0; i < bounds.length; i++) {
      if (seconds > (bounds[i] as number)) continue
      this.#buckets[i] = (this.#buckets[i] as number) + 1
      return
    }
  }

  toValues(name: string) {
    let cumulative = 0
    const labels = this.#labels
    const buckets = bounds.map((le, i) => {
      cumulative += this.#buckets[i] as number
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative }
    })
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: this.#count },
      { metricName: `${name}_sum`, labels: { ...labels }, value: this.#sum },
      { metricName: `${name}_count`, labels: { ...labels }, value: this.#count },
    ]
  }
}

function findSeries<S>(
  families: Map<string, Family<S>>,
  name: string,
  help: string,
  labels: Labels,
  make: (labels: Labels) => S,
): S {
  let family = families.get(name)
  if (family === undefined) {
    family = { help, series: new Map() }
    families.set(name, family)
  }
  let own = labels
  let key = JSON.stringify(labels)
  if (!family.series.has(key) && family.series.size >= maxSeries) {
    own = Object.fromEntries(Object.keys(labels).map((label) => [label, 'other']))
    key = JSON.stringify(own)
  }
  let series = family.series.get(key)
  if (series === undefined) {
    series = make(own)
    family.series.set(key, series)
  }
  return series
}

/** What cannot be read is left out: one fault must not cost the whole scrape. */
function readAll(series: ReadonlyMap<string, ReadSeries>): MetricJson['values'] {
  return [...series.values()].flatMap(({ labels, read }) => {
    try {
      return [{ labels: { ...labels }, value: read() }]
    } catch {
      return []
    }
  })
}
