import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestExchange } from '../../test/support/exchange.ts'
import { refuse } from '../core/decision.ts'
import type { Exchange } from '../core/exchange.ts'
import { createExchangeMetrics } from './exchange-metrics.ts'
import { toExposition } from './exposition.ts'
import { Metrics } from './metrics.ts'

function startMetrics() {
  const metrics = new Metrics()
  const count = createExchangeMetrics(metrics)
  return {
    async record(route: string, status: number, prepare: (exchange: Exchange) => void = () => {}) {
      const { exchange } = await createTestExchange({ route: { id: route } })
      prepare(exchange)
      count(exchange, { status, bytesSent: 0, aborted: false }, performance.now())
    },
    async assertSamples(...expected: string[]) {
      const lines = (await toExposition([metrics.toJson()])).split('\n')
      for (const line of expected) assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`)
      return lines
    },
  }
}

test('exchanges are counted by route and status', async () => {
  const { record, assertSamples } = startMetrics()
  await record('a', 200)
  await record('a', 200)
  await record('a', 404)
  await record('b', 200)
  await assertSamples(
    'portcullis_requests_total{route="a",status="200"} 2',
    'portcullis_requests_total{route="a",status="404"} 1',
    'portcullis_requests_total{route="b",status="200"} 1',
    'portcullis_request_seconds_count{route="a"} 3',
  )
})

test('the times of policies and of the upstream are counted apart, where there were any', async () => {
  const { record, assertSamples } = startMetrics()
  await record('a', 401)
  await record('a', 200, (exchange) => {
    exchange.forwardedAt = exchange.startedAt + 2
    exchange.answeredAt = exchange.forwardedAt + 200
  })
  await record('a', 504, (exchange) => {
    exchange.forwardedAt = exchange.startedAt + 2
  })
  await assertSamples(
    'portcullis_request_seconds_count{route="a"} 3',
    'portcullis_policy_seconds_count{route="a"} 2',
    'portcullis_policy_seconds_bucket{route="a",le="0.001"} 0',
    'portcullis_policy_seconds_bucket{route="a",le="0.0025"} 2',
    'portcullis_upstream_seconds_count{route="a"} 1',
    'portcullis_upstream_seconds_bucket{route="a",le="0.1"} 0',
    'portcullis_upstream_seconds_bucket{route="a",le="0.25"} 1',
  )
})

test('refusals are counted by policy and code, those of nobody as the core’s', async () => {
  const { record, assertSamples } = startMetrics()
  await record('a', 401, (exchange) => {
    exchange.refusal = refuse('token_expired')
    exchange.decidedBy = 'jwt'
  })
  await record('a', 404, (exchange) => {
    exchange.refusal = refuse('no_route')
  })
  await assertSamples(
    'portcullis_refusals_total{policy="jwt",code="token_expired"} 1',
    'portcullis_refusals_total{policy="core",code="no_route"} 1',
  )
})

test('what observe mode would have refused is counted apart from refusals', async () => {
  const { record, assertSamples } = startMetrics()
  const observed = [
    { policy: 'rate-limit', code: 'rate_limited' },
    { policy: 'jwt', code: 'token_expired' },
  ]
  for (let i = 0; i < 2; i++) {
    await record('a', 200, (exchange) => {
      exchange.observed = observed
    })
  }
  const lines = await assertSamples(
    'portcullis_observed_total{policy="rate-limit",code="rate_limited"} 2',
    'portcullis_observed_total{policy="jwt",code="token_expired"} 2',
  )
  assert.ok(!lines.some((line) => line.startsWith('portcullis_refusals_total')))
})
