import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTestExchange, type TestUpstreamAnswer } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { answerTypes } from './index.ts'
import { options as schema } from './options.ts'

const body = '<script>alert(1)</script>'

async function answer(upstream: TestUpstreamAnswer, options: object = {}, mode: 'enforce' | 'observe' = 'enforce') {
  const { status, code, headers, body, exchange } = await runTestExchange({
    policies: [{ policy: answerTypes, options, mode }],
    upstream,
  })
  return { status, code, type: headers.get('content-type'), body, exchange }
}

test('a page in the place of data passes without the policy, and not with it', async () => {
  const upstream = { body, headers: { 'content-type': 'text/html' } }
  assert.equal((await runTestExchange({ upstream })).body, body)
  const refused = await answer(upstream, { allow: ['application/json'] })
  assert.deepEqual([refused.status, refused.code], [502, 'answer_type'])
})

test('an error keeps its status and loses its page', async () => {
  const upstream = { status: 404, body, headers: { 'content-type': 'text/html', etag: '"1"' } }
  const { status, type, body: sent } = await answer(upstream, { allow: ['application/json'] })
  assert.deepEqual([status, type, JSON.parse(sent).title], [404, 'application/problem+json', 'Not Found'])
})

test('allowed types pass, ranges and problems too', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'image/png', 'application/problem+json']) {
    const { status, type: sent } = await answer(
      { body, headers: { 'content-type': type } },
      { allow: ['application/json', 'image/*'] },
    )
    assert.deepEqual([status, sent], [200, type])
  }
})

test('a type that is missing or cannot be read is refused, or set', async () => {
  assert.equal((await answer({ body, headers: {} })).code, 'answer_type_missing')
  assert.equal((await answer({ body, headers: { 'content-type': 'html' } })).code, 'answer_type')
  const twice = [
    ['content-type', 'application/json'],
    ['content-type', 'text/html'],
  ] as const
  assert.equal((await answer({ body, headers: twice })).code, 'answer_type')
  assert.equal(
    (await answer({ body, headers: {} }, { missing: 'application/octet-stream' })).type,
    'application/octet-stream',
  )
  assert.equal((await answer({ body, headers: {} }, { missing: 'pass' })).type, undefined)
  for (const upstream of [{ body: '' }, { status: 204 }, { status: 304 }]) {
    assert.equal((await answer({ ...upstream, headers: {} })).status, upstream.status ?? 200)
  }
})

test('texts that name no charset get one', async () => {
  for (const [type, sent] of [
    ['text/html', 'text/html; charset=utf-8'],
    ['text/plain; format=flowed', 'text/plain; format=flowed; charset=utf-8'],
    ['text/html; charset=iso-8859-1', 'text/html; charset=iso-8859-1'],
    ['application/json', 'application/json'],
    ['text/event-stream', 'text/event-stream'],
  ] as const) {
    assert.equal((await answer({ body, headers: { 'content-type': type } })).type, sent)
  }
  assert.equal(
    (await answer({ body, headers: { 'content-type': 'text/html' } }, { charset: 'upstream' })).type,
    'text/html',
  )
})

test('observe mode counts and changes nothing', async () => {
  for (const status of [200, 404]) {
    const seen = await answer(
      { status, body, headers: { 'content-type': 'text/html' } },
      { allow: ['application/json'] },
      'observe',
    )
    assert.deepEqual([seen.status, seen.body, seen.type], [status, body, 'text/html'])
    assert.deepEqual(seen.exchange.observed, [{ policy: 'answer-types', code: 'answer_type' }])
  }
})

test('a route may allow less, not more', () => {
  const compose = (inherited: object, own: object) => answerTypes.compose(schema.parse(inherited), schema.parse(own))
  assert.equal(compose({}, { allow: ['text/html'] }), 'tighter')
  assert.equal(compose({ allow: ['image/*'] }, { allow: ['image/png'] }), 'tighter')
  assert.equal(compose({ allow: ['image/png'] }, { allow: ['image/*'] }), 'looser')
  assert.equal(compose({ allow: ['image/png'] }, {}), 'looser')
  assert.equal(compose({}, { missing: 'pass' }), 'looser')
  assert.equal(compose({}, { charset: 'upstream' }), 'looser')
  for (const wrong of [{ allow: [] }, { allow: ['json'] }, { allow: ['Application/JSON'] }, { missing: 'set' }]) {
    assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(wrong))
  }
})

test('probes pass, and their attacks fail without the policy', async () => {
  const run = { policy: answerTypes }
  for (const enforced of [true, false]) {
    const verdicts = await runProbes({ ...run, enforced })
    const failed = verdicts.filter(({ failure }) => failure !== null).map(({ name }) => name)
    assert.deepEqual(failed, enforced ? [] : verdicts.filter(({ kind }) => kind === 'attack').map(({ name }) => name))
  }
})
