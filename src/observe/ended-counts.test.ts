import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EndedCounts } from './ended-counts.ts'
import { toExposition } from './exposition.ts'
import { Metrics } from './metrics.ts'

function thread(counts: Readonly<Record<string, number>>): Metrics {
  const metrics = new Metrics()
  for (const [route, count] of Object.entries(counts))
    metrics.counter('requests_total', 'Requests', { route }).add(count)
  return metrics
}

test('counters and histograms are added up by their labels; gauges are forgotten', async () => {
  const ended = new EndedCounts()
  const first = thread({ a: 3, b: 1 })
  first.total('refused_total', 'Refused', () => 4)
  first.gauge('open', 'Open', () => 9)
  first.histogram('seconds', 'Times', { route: 'a' }).observe(0.002)
  const second = thread({ a: 2, c: 5 })
  second.histogram('seconds', 'Times', { route: 'a' }).observe(20)
  ended.add(first.toJson())
  ended.add(second.toJson())
  const text = await toExposition([ended.toJson()])
  for (const line of [
    'requests_total{route="a"} 5',
    'requests_total{route="b"} 1',
    'requests_total{route="c"} 5',
    'refused_total 4',
    'seconds_bucket{route="a",le="0.0025"} 1',
    'seconds_bucket{route="a",le="+Inf"} 2',
    'seconds_sum{route="a"} 20.002',
    'seconds_count{route="a"} 2',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} in ${text}`)
  }
  assert.doesNotMatch(text, /open/)
})

test('it joins what the threads that run have counted', async () => {
  const ended = new EndedCounts()
  ended.add(thread({ a: 3 }).toJson())
  const text = await toExposition([ended.toJson(), thread({ a: 4 }).toJson()])
  assert.match(text, /^requests_total\{route="a"\} 7$/m)
})

test('what it was given may change afterwards', () => {
  const ended = new EndedCounts()
  const metrics = thread({ a: 1 })
  ended.add(metrics.toJson())
  metrics.counter('requests_total', 'Requests', { route: 'a' }).add(5)
  assert.equal(ended.toJson()[0]?.values[0]?.value, 1)
})

test('it is bounded: further series are counted together, and none is lost', () => {
  const ended = new EndedCounts()
  for (let i = 0; i < 30; i++) {
    ended.add(thread(Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`${i}-${n}`, 1]))).toJson())
  }
  const values = ended.toJson()[0]?.values ?? []
  assert.ok(values.length <= 40_001, `${values.length}`)
  assert.equal(
    values.reduce((sum, { value }) => sum + value, 0),
    45_000,
  )
  assert.equal(values.find(({ labels }) => labels.route === 'other')?.value, 5_000)
})
