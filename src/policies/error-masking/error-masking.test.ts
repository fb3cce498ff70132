import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { runTestExchange, type TestUpstreamAnswer } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { errorMasking } from './index.ts'
import { options as schema } from './options.ts'

const trace = 'TypeError: x is not a function\n    at handler (/srv/shop/orders.js:12:5)'
const html = { 'content-type': 'text/html' }

async function answer(upstream: TestUpstreamAnswer, options: object = {}, mode: 'enforce' | 'observe' = 'enforce') {
  return runTestExchange({ policies: [{ policy: errorMasking, options, mode }], upstream })
}

test('an error that tells too much becomes a problem with the same status', async () => {
  const upstream = {
    status: 404,
    body: trace,
    headers: { ...html, etag: '"1"', 'retry-after': '5', 'content-language': 'en' },
  }
  assert.equal((await runTestExchange({ upstream })).body, trace)
  const { status, body, headers } = await answer(upstream)
  assert.equal(status, 404)
  assert.deepEqual(JSON.parse(body), { type: 'about:blank', title: 'Not Found', status: 404, instance: 'request-1' })
  assert.deepEqual(headers.flat, [
    'retry-after',
    '5',
    'content-type',
    'application/problem+json',
    'cache-control',
    'no-store',
  ])
})

test('a compressed one too, and what cannot be read', async () => {
  const gzip = { ...html, 'content-encoding': 'gzip' }
  for (const upstream of [
    { body: gzipSync(trace), headers: gzip },
    { body: 'not packed', headers: gzip },
    { body: gzipSync(gzipSync('x')), headers: { ...html, 'content-encoding': 'gzip, gzip' } },
    { body: 'x'.repeat(300_000), headers: html },
    { body: trace, headers: {} },
    { body: trace, headers: { 'content-type': 'nonsense' } },
  ]) {
    const { status, headers } = await answer({ status: 400, ...upstream })
    assert.deepEqual(
      [status, headers.get('content-type'), headers.get('content-encoding')],
      [400, 'application/problem+json', undefined],
    )
  }
})

test('honest errors, other answers and images pass as they are', async () => {
  const packed = gzipSync('no such order')
  for (const upstream of [
    { status: 404, body: '{"error":"no such order"}' },
    { status: 200, body: trace, headers: html },
    { status: 500, body: trace, headers: html },
    { status: 404, body: trace, headers: { 'content-type': 'image/png' } },
    {
      status: 404,
      body: packed.toString('latin1'),
      headers: { 'content-type': 'image/png', 'content-encoding': 'gzip' },
    },
    { status: 404, body: null },
  ]) {
    const { status, body } = await answer(upstream)
    assert.deepEqual([status, body], [upstream.status, upstream.body ?? ''])
  }
})

test('every body can be replaced', async () => {
  const { body } = await answer({ status: 409, body: '{"error":"closed"}' }, { replace: 'all' })
  assert.equal(JSON.parse(body).title, 'Conflict')
  const problem = { status: 409, body: '{"title":"closed"}', headers: { 'content-type': 'application/problem+json' } }
  assert.equal((await answer(problem, { replace: 'all' })).body, problem.body)
})

test('observe mode counts and changes nothing', async () => {
  const { body, exchange } = await answer({ status: 400, body: trace, headers: html }, {}, 'observe')
  assert.equal(body, trace)
  assert.deepEqual(exchange.observed, [{ policy: 'error-masking', code: 'error_leak' }])
})

test('a route may replace more, not less', () => {
  const [leaks, all] = [schema.parse({}), schema.parse({ replace: 'all' })]
  assert.equal(errorMasking.compose(leaks, all), 'tighter')
  assert.equal(errorMasking.compose(all, leaks), 'looser')
  assert.equal(schema.safeParse({ replace: 'none' }).success, false)
})

test('probes pass, and their attacks fail without the policy', async () => {
  const run = { policy: errorMasking }
  for (const enforced of [true, false]) {
    const verdicts = await runProbes({ ...run, enforced })
    const failed = verdicts.filter(({ failure }) => failure !== null).map(({ name }) => name)
    assert.deepEqual(failed, enforced ? [] : verdicts.filter(({ kind }) => kind === 'attack').map(({ name }) => name))
  }
})
