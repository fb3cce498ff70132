import type { Exchange, Outcome } from '../core/exchange.ts'
import type { Counter } from '../core/telemetry.ts'
import type { RecordExchange } from './access-log.ts'
import type { Histogram, Metrics } from './metrics.ts'

interface RouteSeries {
  readonly total: Histogram
  readonly policies: Histogram
  readonly upstream: Histogram
  readonly byStatus: Map<number, Counter>
}

/** Counts exchanges: by route and status, refusals by policy and code, and times with the upstream's apart. */
export function createExchangeMetrics(metrics: Metrics): RecordExchange {
  const routes = new Map<string, RouteSeries>()
  const refusals = new Map<string, Counter>()
  const observed = new Map<string, Counter>()

  function seriesOf(route: string): RouteSeries {
    let series = routes.get(route)
    if (series === undefined) {
      series = {
        total: metrics.histogram('portcullis_request_seconds', 'From the request to the end of its answer', { route }),
        policies: metrics.histogram('portcullis_policy_seconds', 'Spent in policies before forwarding', { route }),
        upstream: metrics.histogram('portcullis_upstream_seconds', 'From forwarding to the head of the answer', {
          route,
        }),
        byStatus: new Map(),
      }
      routes.set(route, series)
    }
    return series
  }

  function countIn(table: Map<string, Counter>, name: string, help: string, policy: string, code: string): void {
    const key = `${policy} ${code}`
    let counter = table.get(key)
    if (counter === undefined) {
      counter = metrics.counter(name, help, { policy, code })
      table.set(key, counter)
    }
    counter.add()
  }

  return (exchange: Exchange, outcome: Outcome, endedAt: number) => {
    const series = seriesOf(exchange.route.id)
    let counter = series.byStatus.get(outcome.status)
    if (counter === undefined) {
      const labels = { route: exchange.route.id, status: String(outcome.status) }
      counter = metrics.counter('portcullis_requests_total', 'Exchanges by route and status', labels)
      series.byStatus.set(outcome.status, counter)
    }
    counter.add()
    series.total.observe((endedAt - exchange.startedAt) / 1000)
    if (exchange.forwardedAt !== 0) {
      series.policies.observe((exchange.forwardedAt - exchange.startedAt) / 1000)
      if (exchange.answeredAt !== 0) series.upstream.observe((exchange.answeredAt - exchange.forwardedAt) / 1000)
    }
    if (exchange.refusal !== null) {
      const policy = exchange.decidedBy ?? 'core'
      countIn(refusals, 'portcullis_refusals_total', 'Refusals by policy and code', policy, exchange.refusal.code)
    }
    for (const { policy, code } of exchange.observed ?? []) {
      countIn(observed, 'portcullis_observed_total', 'What observe mode would have refused', policy, code)
    }
  }
}
