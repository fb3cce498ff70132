import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  parseTestOptions,
  runTestExchange,
  type TestDeps,
  type TestPolicy,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { validate } from './index.ts'
import type { ValidateOptions } from './options.ts'

const order = {
  type: 'object',
  required: ['item', 'count'],
  properties: {
    id: { type: 'integer', readOnly: true },
    item: { type: 'string', pattern: '^[a-z-]+$', maxLength: 20 },
    count: { type: 'integer', minimum: 1, maximum: 100 },
  },
}
const orders = { body: { 'application/json': order } }
const json = { 'content-type': 'application/json' }
const read = (options: unknown) => parseTestOptions(validate, options) as ValidateOptions

function call(options: unknown, request: TestRequest, more: Partial<TestPolicy> = {}) {
  return runTestExchange({ method: 'POST', ...request, policies: [{ policy: validate, options, ...more }] })
}
const post = (options: unknown, value: unknown, headers: Record<string, string> = json) =>
  call(options, { body: typeof value === 'string' ? value : JSON.stringify(value), headers })

test('what meets the contract passes as it came', async () => {
  const body = '{ "item": "tea", "count": 2 }'
  const { forwarded, forwardedBody } = await call(orders, { body, headers: json })
  assert.deepEqual([forwarded, forwardedBody?.toString()], [true, body])
})

test('mass assignment, wrong types and values out of range reach the API without the policy, and not with it', async () => {
  for (const [value, places] of [
    [{ item: 'tea', count: 2, role: 'admin' }, ['/role additionalProperties']],
    [{ item: 'tea', count: 2, id: 7 }, ['/id readOnly']],
    [{ item: { $ne: '' }, count: 2 }, ['/item type']],
    [{ item: 'tea', count: 101 }, ['/count maximum']],
    [{ count: 1 }, ['/item required']],
    ['{"item":"tea","count":1,"__proto__":{"isAdmin":true}}', ['/__proto__ additionalProperties']],
  ] as const) {
    const body = typeof value === 'string' ? value : JSON.stringify(value)
    assert.equal((await runTestExchange({ method: 'POST', body, headers: json })).forwarded, true)
    const refused = await post(orders, value)
    assert.deepEqual([refused.status, refused.code, refused.forwarded], [422, 'contract_violated', false])
    const { errors } = JSON.parse(refused.body) as { errors: { at: string; rule: string }[] }
    assert.deepEqual(
      errors.map(({ at, rule }) => `${at} ${rule}`),
      places,
    )
  }
})

test('no object holds `__proto__`, be it open to any name, nor where escapes hide it', async () => {
  const open = {
    body: { 'application/json': { type: 'object', properties: { any: {}, map: { additionalProperties: {} } } } },
  }
  for (const [value, at] of [
    ['{"any":{"__proto__":{"isAdmin":true}}}', '/any/__proto__'],
    ['{"map":[{"\\u005f_proto__":{"isAdmin":true}}]}', '/map/0/__proto__'],
  ] as const) {
    const { status, body } = await post(open, value)
    assert.deepEqual([status, (JSON.parse(body) as { errors: { at: string }[] }).errors[0]?.at], [422, at])
  }
  assert.equal((await post(open, '{"any":{"text":"\\u005f_proto__"}}')).forwarded, true)
})

test('a problem names the place, the rule and the range, and no value', async () => {
  const { body, exchange } = await post(orders, { item: 'SECRET-VALUE', count: 424242 })
  const { errors } = JSON.parse(body) as { errors: unknown }
  assert.deepEqual(errors, [
    { in: 'body', at: '/item', rule: 'pattern', expected: 'a text that matches ^[a-z-]+$' },
    { in: 'body', at: '/count', rule: 'maximum', expected: 'at most 100' },
  ])
  assert.ok(!body.includes('SECRET-VALUE') && !body.includes('424242'))
  assert.equal(exchange.refusal?.detail, 'body "/item": pattern')
})

test('bodies: another type, none at all, one that is broken, one where none may be', async () => {
  const good = '{"item":"tea","count":1}'
  for (const [options, request, code, status] of [
    [orders, { body: good, headers: { 'content-type': 'text/plain' } }, 'contract_media_type', 415],
    [orders, { body: good, headers: {} }, 'contract_media_type', 415],
    [
      orders,
      { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'contract_media_type',
      415,
    ],
    [orders, { body: '', headers: json }, 'contract_violated', 422],
    [orders, { headers: {} }, 'contract_violated', 422],
    [orders, { body: '{"item":', headers: json }, 'contract_unreadable', 400],
    [orders, { body: '{"item":"tea","count":1,"count":200}', headers: json }, 'contract_unreadable', 400],
    [orders, { body: good, headers: { ...json, 'content-encoding': 'gzip' } }, 'contract_unreadable', 400],
    [{}, { body: good, headers: json }, 'contract_violated', 422],
    [{}, { method: 'GET', body: good, headers: json }, 'contract_violated', 422],
  ] as const) {
    const refused = await call(options, request)
    assert.deepEqual([refused.code, refused.status], [code, status], JSON.stringify(request))
  }
  const { headers } = await call(orders, { body: good, headers: { 'content-type': 'text/plain' } })
  assert.equal(headers.get('accept'), 'application/json')
  assert.equal((await call({ ...orders, bodyRequired: false }, {})).forwarded, true)
  const packed = await call(orders, { body: gzipSync(good), headers: { ...json, 'content-encoding': 'gzip' } })
  assert.equal(packed.forwarded, true)
  assert.equal((await call({}, { method: 'HEAD' })).forwarded, true)
})

describe('parameters', () => {
  const options = {
    path: { id: { type: 'integer', minimum: 1 } },
    query: {
      page: { type: 'integer', maximum: 50 },
      ids: { schema: { type: 'array', items: { type: 'integer' }, maxItems: 3 }, explode: false },
    },
    headers: { 'X-Tenant': { schema: { type: 'string', maxLength: 5 }, required: true } },
  }
  const get = (query: string, id = '5', more: unknown = options) =>
    call(more, { method: 'GET', query, params: { id }, headers: { 'x-tenant': 'acme' } })
  test('of their types and within their ranges', async () => {
    assert.equal((await get('page=2&ids=1,2')).forwarded, true)
    for (const query of ['page=51', 'page=1e1', 'page=1&page=2', 'ids=1,2,3,4', 'ids=1,x', 'role=admin', 'page[]=1']) {
      assert.equal((await get(query)).code, 'contract_violated', query)
    }
    assert.equal((await get('', '0')).code, 'contract_violated')
    assert.equal((await get('', '1 OR 1=1')).code, 'contract_violated')
    assert.equal((await get('page=%zz')).code, 'contract_unreadable')
  })
  test('what is not listed, where it is ignored', async () => {
    assert.equal((await get('role=admin', '5', { ...options, unknownQuery: 'ignore' })).forwarded, true)
  })
})

test('what stands under `defaults` is asked for beside what a route asks', async () => {
  const shared = { headers: { 'X-Tenant': { schema: { maxLength: 5 }, required: true } } }
  const both = (headers: Record<string, string>, body: unknown, query = '') =>
    runTestExchange({
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...json, ...headers },
      query,
      policies: [
        { policy: validate, options: shared, origin: 'defaults' },
        { policy: validate, options: { ...orders, query: { page: { type: 'integer' } } } },
      ],
    })
  assert.equal((await both({ 'x-tenant': 'acme' }, { item: 'a', count: 1 }, 'page=1')).forwarded, true)
  assert.equal((await both({}, { item: 'a', count: 1 })).code, 'contract_violated')
  assert.equal((await both({ 'x-tenant': 'acme' }, { item: 'a' })).code, 'contract_violated')
  assert.equal(validate.compose(read(shared), read(orders)), 'both')
})

test('observe mode lets everything pass and records it', async () => {
  const { forwarded, exchange } = await call(orders, { body: '{}', headers: json }, { mode: 'observe' })
  assert.deepEqual([forwarded, exchange.observed?.map(({ code }) => code)], [true, ['contract_violated']])
})

test('named schemas are those of the block', async () => {
  const deps: TestDeps = {
    blocks: { schemas: { names: ['Order'], $defs: { Order: order, Count: { type: 'integer', maximum: 3 } } } },
  }
  const send = (schema: unknown, value: unknown) =>
    runTestExchange({
      method: 'POST',
      body: JSON.stringify(value),
      headers: json,
      policies: [{ policy: validate, options: { body: { 'application/json': schema } } }],
      ...deps,
    })
  assert.equal((await send('Order', { item: 'a', count: 1 })).forwarded, true)
  assert.equal((await send('Order', { item: 'a', count: 1, role: 1 })).code, 'contract_violated')
  assert.equal((await send({ items: { $ref: '#/$defs/Count' } }, [1, 2])).forwarded, true)
  assert.equal((await send({ items: { $ref: '#/$defs/Count' } }, [4])).code, 'contract_violated')
})

describe('rejects bad configuration', () => {
  const context = { route: { path: '/orders/{id}' }, block: () => undefined } as never
  for (const [options, message] of [
    [
      { body: { 'application/json': { properties: { a: { maxlength: 1 } } } } },
      /\/properties\/a\/maxlength: .*Did you mean "maxLength"/,
    ],
    [{ query: { a: { format: 'e-mail' } } }, /format "e-mail" is unknown/],
    [{ query: { a: { pattern: '(?!a)' } } }, /looks ahead/],
    [{ path: { idd: { type: 'integer' } } }, /no parameter "idd"/],
    [{ body: { 'application/json': 'Order' } }, /no schema "Order"/],
    [{ query: { a: { schema: {}, style: 'simple' } } }, /style simple/],
  ] as const) {
    test(JSON.stringify(options), () => {
      const [problem = ''] = validate.check?.(read(options), context) ?? []
      assert.match(problem, message)
    })
  }
  test('of a wrong shape', () => {
    for (const bad of [
      { boddy: {} },
      { body: {} },
      { body: { json: {} } },
      { query: { a: 5 } },
      { unknownQuery: 'allow' },
    ]) {
      assert.throws(() => read(bad), JSON.stringify(bad))
    }
  })
})

for (const options of [
  orders,
  { query: { page: { schema: { type: 'integer', maximum: 9 }, required: true }, sort: { enum: ['up', 'down'] } } },
  {
    headers: { 'X-Id': { schema: { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' }, required: true } },
    body: { 'text/plain': { maxLength: 9 } },
  },
  {
    cookies: { n: { schema: { type: 'integer' }, required: true } },
    body: { 'application/x-www-form-urlencoded': order },
  },
]) {
  test(`probes pass with the policy and their attacks fail without it: ${Object.keys(options)}`, async () => {
    const run = { policy: validate, options, method: 'POST' }
    const on = await runProbes({ ...run, enforced: true })
    assert.ok(on.length >= 5)
    assert.deepEqual(
      on.filter(({ failure }) => failure !== null),
      [],
    )
    const off = await runProbes({ ...run, enforced: false })
    assert.deepEqual(
      off.filter(({ kind, failure }) => (kind === 'attack') === (failure === null)),
      [],
    )
  })
}
