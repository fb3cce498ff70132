import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toExposition } from './exposition.ts'
import { type MetricJson, Metrics } from './metrics.ts'

function thread(hits: number): Metrics {
  const metrics = new Metrics()
  metrics.counter('hits_total', 'Hits by route', { route: 'a' }).add(hits)
  metrics.gauge('open', 'Open connections', () => hits)
  metrics.histogram('seconds', 'Times').observe(hits)
  return metrics
}

const usable = (value: number): MetricJson => ({
  name: 'usable',
  help: 'Whether all threads can use it',
  type: 'gauge',
  aggregator: 'min',
  values: [{ value, labels: { target: 'x' } }],
})

test('several threads are added up to one text, each name with its help and its type once', async () => {
  const text = await toExposition([thread(1).toJson(), thread(2).toJson(), thread(4).toJson()])
  const lines = text.split('\n')
  assert.ok(lines.includes('hits_total{route="a"} 7'))
  assert.ok(lines.includes('open 7'))
  assert.ok(lines.includes('seconds_count 3'))
  assert.ok(lines.includes('seconds_bucket{le="1"} 1'))
  for (const line of ['# HELP hits_total Hits by route', '# TYPE hits_total counter', '# TYPE open gauge']) {
    assert.equal(lines.filter((other) => other === line).length, 1, line)
  }
  assert.ok(text.endsWith('\n'))
})

test('what holds only where it holds for every thread is the least of them', async () => {
  const text = await toExposition([[usable(1)], [usable(0)], [usable(1)]])
  assert.match(text, /^usable\{target="x"\} 0$/m)
})

test('labels that a caller could reach cannot break the text', async () => {
  const metrics = new Metrics()
  metrics.counter('hits_total', 'Hits', { route: 'a"} 1\nforged 1 \\' }).add()
  const text = await toExposition([metrics.toJson()])
  assert.ok(text.includes(String.raw`hits_total{route="a\"} 1\nforged 1 \\"} 1`), text)
  assert.doesNotMatch(text, /^forged/m)
})

test('a thread that has nothing to tell changes nothing', async () => {
  assert.match(await toExposition([[], thread(1).toJson(), []]), /^hits_total\{route="a"\} 1$/m)
})
