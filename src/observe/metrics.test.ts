import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toExposition } from './exposition.ts'
import { Metrics } from './metrics.ts'

/** The samples that Prometheus reads, without help and types. */
async function samples(metrics: Metrics): Promise<string[]> {
  return (await toExposition([metrics.toJson()])).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

test('a counter counts by its labels, whoever asks for it', async () => {
  const metrics = new Metrics()
  metrics.counter('hits_total', 'Hits', { route: 'a' }).add()
  metrics.counter('hits_total', 'Hits', { route: 'a' }).add(2)
  metrics.counter('hits_total', 'Hits', { route: 'b' }).add(0.5)
  assert.deepEqual(await samples(metrics), ['hits_total{route="a"} 3', 'hits_total{route="b"} 0.5'])
})

test('gauges and totals are read when they are asked for, from their newest source', async () => {
  const metrics = new Metrics()
  let open = 1
  metrics.gauge('open', 'Open', () => open)
  metrics.total('seen_total', 'Seen', () => 7)
  assert.deepEqual(await samples(metrics), ['open 1', 'seen_total 7'])
  open = 2
  metrics.total('seen_total', 'Seen', () => 8)
  assert.deepEqual(await samples(metrics), ['open 2', 'seen_total 8'])
  assert.equal(metrics.toJson().find(({ name }) => name === 'seen_total')?.type, 'counter')
})

test('one that cannot be read is left out, and the others are not', async () => {
  const metrics = new Metrics()
  metrics.gauge('broken', 'Broken', () => {
    throw new Error('gone')
  })
  metrics.gauge('open', 'Open', () => 1)
  assert.deepEqual(await samples(metrics), ['open 1'])
})

test('a histogram counts what is no longer than each bound, and what is longer than all', async () => {
  const metrics = new Metrics()
  const histogram = metrics.histogram('seconds', 'Times', { route: 'a' })
  for (const seconds of [0, 0.0005, 0.0006, 0.25, 10, 11]) histogram.observe(seconds)
  const text = await samples(metrics)
  for (const line of [
    'seconds_bucket{route="a",le="0.0005"} 2',
    'seconds_bucket{route="a",le="0.001"} 3',
    'seconds_bucket{route="a",le="0.1"} 3',
    'seconds_bucket{route="a",le="0.25"} 4',
    'seconds_bucket{route="a",le="5"} 4',
    'seconds_bucket{route="a",le="10"} 5',
    'seconds_bucket{route="a",le="+Inf"} 6',
    'seconds_count{route="a"} 6',
  ]) {
    assert.ok(text.includes(line), `${line} in\n${text.join('\n')}`)
  }
  const sum = text.find((line) => line.startsWith('seconds_sum'))
  assert.ok(Math.abs(Number(sum?.split(' ')[1]) - 21.2511) < 1e-9)
})

test('series are bounded: further ones are counted together, and nothing is lost', () => {
  const metrics = new Metrics()
  for (let i = 0; i < 5_000; i++) metrics.counter('hits_total', 'Hits', { route: `r${i}`, code: 'x' }).add()
  metrics.counter('hits_total', 'Hits', { route: 'r0', code: 'x' }).add()
  const values = metrics.toJson()[0]?.values ?? []
  assert.ok(values.length <= 2_001)
  assert.deepEqual(values.find(({ labels }) => labels.route === 'r0')?.value, 2)
  assert.deepEqual(values.find(({ labels }) => labels.route === 'other')?.labels, { route: 'other', code: 'other' })
  assert.equal(
    values.reduce((sum, { value }) => sum + value, 0),
    5_001,
  )
})

test('what was read does not change when counting goes on', () => {
  const metrics = new Metrics()
  const counter = metrics.counter('hits_total', 'Hits', { route: 'a' })
  counter.add()
  const before = metrics.toJson()
  counter.add()
  assert.equal(before[0]?.values[0]?.value, 1)
})
