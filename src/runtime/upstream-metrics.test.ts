import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TargetStatus, Upstream } from '../gateway/upstream/dispatch.ts'
import { toExposition } from '../observe/exposition.ts'
import { toUpstreamMetrics } from './upstream-metrics.ts'

const well: TargetStatus = {
  target: '10.0.0.1:80',
  healthy: true,
  circuit: 'closed',
  active: 2,
  idle: 1,
  queued: 3,
  slow: 0,
}

function metricsOf(...targets: TargetStatus[]) {
  const upstream = { status: () => targets } as unknown as Upstream
  return toUpstreamMetrics(new Map([['shop', upstream]]))
}

test('a target is usable where every thread sends to it; connections of all threads add up', async () => {
  const text = await toExposition([metricsOf(well), metricsOf({ ...well, active: 5 })])
  assert.match(text, /^portcullis_upstream_target_usable\{upstream="shop",target="10\.0\.0\.1:80"\} 1$/m)
  assert.match(text, /^portcullis_upstream_connections\{upstream="shop",target="10\.0\.0\.1:80",state="active"\} 7$/m)
  assert.match(text, /^portcullis_upstream_queued\{upstream="shop",target="10\.0\.0\.1:80"\} 6$/m)
})

for (const bad of [{ healthy: false }, { circuit: 'open' }, { circuit: 'half-open' }] as const) {
  test(`a target that one thread does not send to is not usable: ${JSON.stringify(bad)}`, async () => {
    const text = await toExposition([metricsOf(well), metricsOf({ ...well, ...bad })])
    assert.match(text, /^portcullis_upstream_target_usable\{.*\} 0$/m)
  })
}
