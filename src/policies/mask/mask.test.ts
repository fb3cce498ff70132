import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createTestPipeline,
  runTestExchange,
  type TestRequest,
  type TestUpstreamAnswer,
} from '../../../test/support/exchange.ts'
import { fakePolicy } from '../../../test/support/fake-policy.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { redactorPorts } from '../../../test/support/redactor.ts'
import { TestRoles } from '../../../test/support/roles.ts'
import { next } from '../../core/decision.ts'
import type { Principal } from '../../core/principal.ts'
import { logBodies } from '../log-bodies/index.ts'
import { mask } from './index.ts'
import { options as schema } from './options.ts'

const card = '4111111111111111'
const customer = `{"id":1234567890123,"name":"Ann","card":${card},"mail":"ann@example.com","born":"1990-01-01"}`
const options = {
  values: { cardNumber: 'last4', email: 'partial' },
  fields: { '/born': 'remove' },
}
const json = { 'content-type': 'application/json' }

async function answer(upstream: TestUpstreamAnswer, more: object = {}, request: TestRequest = {}) {
  return runTestExchange({ policies: [{ policy: mask, options: { ...options, ...more } }], upstream, ...request })
}

function caller(...roles: string[]): Principal {
  const credential = { policy: 'api-key', id: 'k1' }
  const nothing = { tenant: null, attributes: {}, assurance: null, confirmation: null, proofOfPossession: null }
  return {
    ...nothing,
    id: 'a',
    kind: 'user',
    issuer: 'portcullis',
    roles,
    scopes: ['read'],
    credential,
    expiresAt: null,
  }
}

function identifyAs(principal: Principal | null) {
  return fakePolicy('identifying', () => ({
    guard(exchange) {
      exchange.principal = principal
      return next
    },
  }))
}

describe('answers', () => {
  test('show what they hold without the policy, and do not with it', async () => {
    const open = await runTestExchange({ upstream: { body: customer, headers: json } })
    assert.match(open.body, /4111111111111111.*ann@example\.com.*1990/)
    const { body, status, headers } = await answer({
      body: customer,
      headers: { ...json, 'content-digest': 'x', etag: '"1"' },
    })
    assert.equal(status, 200)
    assert.equal(body, '{"id":1234567890123,"name":"Ann","card":"****1111","mail":"a***@example.com"}')
    assert.deepEqual([headers.get('content-digest'), headers.get('etag')], [undefined, '"1"'])
  })

  test('of every kind of text are masked, errors too', async () => {
    for (const type of [
      'application/problem+json',
      'text/html; charset=utf-8',
      'application/soap+xml',
      'text/csv',
      'text/event-stream',
      'application/x-ndjson',
    ]) {
      const { body } = await answer({ status: 404, body: `"${card}"`, headers: { 'content-type': type } })
      assert.equal(body, '"****1111"', type)
    }
    assert.equal((await answer({ body: `"${card}"`, headers: {} }, { fields: {} })).body, '"****1111"')
  })

  test('in which nothing can be masked are refused', async () => {
    for (const upstream of [
      { headers: { ...json, 'content-encoding': 'gzip' } },
      { headers: { 'content-type': 'text/plain; charset=utf-16' } },
      { headers: { 'content-type': 'application/pdf' } },
      { headers: { 'content-type': 'text/plain' } },
      {
        headers: [
          ['content-type', 'text/plain'],
          ['content-type', 'image/png'],
        ] as const,
      },
      { headers: { ...json, 'content-range': 'bytes 0-1/2' }, status: 206 },
      { headers: { ...json, 'content-range': 'bytes 0-1/2' } },
    ]) {
      const { status, code, body } = await answer({ ...upstream, body: customer })
      assert.deepEqual([status, code], [502, 'mask_answer'], JSON.stringify(upstream))
      assert.doesNotMatch(body, /Ann/)
    }
    for (const headers of [{ 'content-type': 'image/png' }, { 'content-type': 'application/octet-stream' }]) {
      assert.equal((await answer({ body: card, headers }, { otherTypes: 'pass' })).body, card)
    }
  })

  test('without a body pass', async () => {
    for (const status of [204, 304]) assert.equal((await answer({ status, headers: {} })).status, status)
    const head = await answer(
      { headers: { ...json, 'content-length': '10', 'content-digest': 'x' } },
      {},
      { method: 'HEAD' },
    )
    assert.deepEqual([head.status, head.headers.flat], [200, ['content-type', 'application/json']])
  })

  test('are asked for whole and plain', async () => {
    const { exchange } = await answer(
      { body: '{}' },
      {},
      { headers: { range: 'bytes=0-1', 'accept-encoding': 'br', 'if-none-match': '"1"' } },
    )
    assert.deepEqual(exchange.headers.flat, ['if-none-match', '"1"'])
    assert.deepEqual(exchange.upstreamFields, ['accept-encoding', 'identity'])
  })

  test('of WebSockets do not come', async () => {
    const { code, forwarded } = await answer({ body: '{}' }, {}, { upgrade: 'websocket' })
    assert.deepEqual([code, forwarded], ['mask_upgrade', false])
  })
})

describe('callers', () => {
  const reveal = [
    { roles: ['support'], what: ['email', '/born'] },
    { roles: ['admin'], scopes: ['read'] },
  ]
  const show = async (principal: Principal | null, roles = new TestRoles()) => {
    const policies = [{ policy: identifyAs(principal) }, { policy: mask, options: { ...options, reveal } }]
    return answer({ body: customer, headers: json }, {}, { policies, ports: roles.ports() })
  }

  test('see what their roles give them, and nobody else does', async () => {
    const { body, headers } = await show(null)
    assert.match(body, /\*\*\*\*1111.*a\*\*\*@/)
    assert.equal(headers.get('cache-control'), 'private, no-store')
    assert.equal((await show(caller('other'))).body, body)
    assert.equal((await show(caller('support'))).body, customer.replace(card, '"****1111"'))
    assert.equal((await show(caller('admin'))).body, customer)
  })

  test('see nothing where their roles cannot be read', async () => {
    const roles = new TestRoles()
    roles.failing = true
    assert.match((await show(caller(), roles)).body, /a\*\*\*@/)
  })
})

test('observe mode changes nothing and says what it would have masked', async () => {
  const policies = [{ policy: mask, options, mode: 'observe' as const }]
  const { body, exchange } = await runTestExchange({ policies, upstream: { body: customer, headers: json } })
  assert.equal(body, customer)
  assert.deepEqual(exchange.observed, [{ policy: 'mask', code: 'mask_found' }])
  const pdf = { body: customer, headers: { 'content-type': 'application/pdf' } }
  const other = await runTestExchange({ policies, upstream: pdf })
  assert.deepEqual([other.body, other.exchange.observed], [customer, [{ policy: 'mask', code: 'mask_answer' }]])
})

test('the log hides the same, in requests too', async () => {
  const lines: string[] = []
  for (const principal of [null, caller('admin')]) {
    const reveal = [{ roles: ['admin'] }]
    const policies = [
      { policy: identifyAs(principal), options: {} },
      { policy: mask, options: { ...options, values: { ...options.values, nlBsn: 'redact' }, reveal } },
      { policy: logBodies, options: { request: true, response: true } },
    ]
    const ports = [...redactorPorts, ...new TestRoles().ports()]
    const pipeline = await createTestPipeline(policies, {}, { ports })
    const body = '{"mail":"ann@example.com","bsn":111222333,"born":"1990-01-01"}'
    await runTestExchange({ method: 'POST', headers: json, body, upstream: { body, headers: json }, pipeline })
    lines.push(...pipeline.log.map(({ fields }) => String(fields.text)))
  }
  assert.equal(lines.length, 4)
  for (const line of lines) assert.doesNotMatch(line, /ann@|111222333|1990/)
})

test('options that mask nothing, or reveal what is not masked, are refused', () => {
  for (const wrong of [
    {},
    { values: { cards: 'redact' } },
    { values: { email: 'mask' } },
    { fields: { born: 'redact' } },
    { values: { email: 'redact' }, reveal: [{ what: ['email'] }] },
    { values: { email: 'redact' }, reveal: [{ roles: ['a'], what: ['phone'] }] },
  ]) {
    assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(wrong))
  }
  const context = { route: {} as never, block: () => undefined as never }
  assert.equal(mask.check(schema.parse({ values: { email: 'hash' } }), context).length, 1)
})

test('probes pass, and their attacks fail without the policy', async () => {
  const run = { policy: mask, options }
  for (const enforced of [true, false]) {
    const verdicts = await runProbes({ ...run, enforced })
    const failed = verdicts.filter(({ failure }) => failure !== null).map(({ name }) => name)
    assert.deepEqual(failed, enforced ? [] : verdicts.filter(({ kind }) => kind === 'attack').map(({ name }) => name))
  }
})
