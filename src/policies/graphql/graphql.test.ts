import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { parse } from 'graphql'
import { measureCpu } from '../../../test/support/cpu-time.ts'
import { parseTestOptions, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { runProbes } from '../../../test/support/probes.ts'
import { graphql } from './index.ts'
import { Measuring } from './measure.ts'
import type { GraphqlOptions } from './options.ts'

const read = (options: unknown) => parseTestOptions(graphql, options) as GraphqlOptions
const secrets = {
  'file:allowed.json': JSON.stringify({ orders: 'query Orders($first: Int) { orders(first: $first) { id } }' }),
}

function call(request: TestRequest, options: unknown = {}) {
  return runTestExchange({ method: 'POST', secrets, ...request, policies: [{ policy: graphql, options }] })
}
const post = (value: unknown, options: unknown = {}) =>
  call({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }, options)
const ask = (query: string, options: unknown = {}, variables: unknown = undefined) =>
  post({ query, variables }, options)
const get = (pairs: Record<string, string>, options: unknown = {}) =>
  call({ method: 'GET', query: String(new URLSearchParams(pairs)) }, options)
const rule = ({ body }: { readonly body: string }) =>
  (JSON.parse(body) as { errors?: { rule: string }[] }).errors?.[0]?.rule ?? null

const typename = '{__typename}'

test('what applications ask for passes', async () => {
  for (const value of [
    { query: '{ orders(first: 20) { id items { sku count } } }' },
    { query: 'mutation Pay($id: ID!) { pay(id: $id) { ok } }', operationName: 'Pay', variables: { id: '1' } },
    {
      query: 'query A($n: Int = 5) { a: orders(first: $n) { ...F } b: orders { ...F } } fragment F on Order { id }',
      variables: null,
    },
    { query: '{ node(id: 1) { __typename ... on User @include(if: true) { name } } } # a comment' },
    { query: 'query A { a } query B { b }', operationName: 'B' },
  ]) {
    const { code, forwarded, exchange } = await post(value)
    assert.deepEqual([code, forwarded], [null, true], exchange.refusal?.detail ?? '')
  }
})

describe('limits', () => {
  const wide = (count: number) => Array.from({ length: count }, (_, i) => `f${i}`).join(' ')
  const doubled = `{...f0} ${Array.from({ length: 60 }, (_, i) => `fragment f${i} on Q{...f${i + 1} ...f${i + 1}}`).join(' ')} fragment f60 on Q{a}`
  for (const [name, query, broken, options] of [
    ['depth', '{a{b{c{d}}}}', 'maxDepth', { maxDepth: 3 }],
    ['depth by fragments', '{a{...F}} fragment F on A{b{... on B{c}}}', 'maxDepth', { maxDepth: 2 }],
    ['depth that ends the stack', `${'{a'.repeat(3000)}${'}'.repeat(3000)}`, 'maxDepth', { maxTokens: 10_000 }],
    ['lists in lists', `{a(b:${'['.repeat(4900)}${']'.repeat(4900)})}`, 'maxDepth', { maxTokens: 10_000 }],
    ['aliases', '{a:x b:x c:x}', 'maxAliases', { maxAliases: 2 }],
    ['aliases by fragments', '{...F x{...F}} fragment F on A{a:x b:x}', 'maxAliases', { maxAliases: 3 }],
    ['root fields', `{${wide(21)}}`, 'maxRootFields', {}],
    ['root fields by fragments', `{...F ...on Q{${wide(11)}}} fragment F on Q{${wide(10)}}`, 'maxRootFields', {}],
    ['directives', `{a ${'@d '.repeat(51)}}`, 'maxDirectives', {}],
    ['tokens', `{${'a '.repeat(2000)}}`, 'maxTokens', {}],
    ['comments', `{a${'\n#'.repeat(2001)}\n}`, 'maxTokens', {}],
    ['cost', `{a{${wide(10)}}}`, 'maxCost', { maxCost: 10 }],
    ['cost of a field', '{cheap dear}', 'maxCost', { maxCost: 10, weights: { dear: 10 } }],
    ['cost of lists', '{a(first:100){b(limit:100){c}}}', 'maxCost', {}],
    ['cost of lists by a fraction', '{a(first:100){b(limit:0.001){c(limit:100){d}}}}', 'maxCost', {}],
    ['cost of lists by variables', 'query($n:Int){a(first:$n){b(first:$n){c}}}', 'maxCost', {}],
    ['cost of lists by defaults', 'query($n:Int=100){a(first:$n){b(first:$n){c}}}', 'maxCost', {}],
    ['cost of fields that are lists', '{all{all{all{a}}}}', 'maxCost', { lists: { all: 100 } }],
    ['fragments that double', doubled, 'maxRootFields', {}],
    ['operations', Array.from({ length: 21 }, (_, i) => `query q${i}{a}`).join(' '), 'operations', {}],
  ] as const) {
    test(`${name}: one more than allowed is refused`, async () => {
      const variables = query.startsWith('query($n:Int)') ? { n: 100 } : {}
      const result = await post({ query, variables, operationName: 'q0' }, options)
      assert.deepEqual([result.code, rule(result)], ['graphql_limit', broken])
    })
  }
  test('as many as allowed pass', async () => {
    assert.equal((await ask('{a{b{c}}}', { maxDepth: 3 })).forwarded, true)
    assert.equal((await ask('{a:x b:x x:x}', { maxAliases: 2 })).forwarded, true)
    assert.equal((await ask('{a(first:100){b(first:48){c}}}', {})).forwarded, true)
  })
  test('of variables', async () => {
    assert.equal(rule(await ask('{a}', { maxVariablesBytes: '20B' }, { a: 'x'.repeat(20) })), 'maxVariablesBytes')
  })
  test('of batches, which cost as much as their operations together', async () => {
    const one = { query: '{a(first:100){b(first:40){c}}}' }
    assert.equal((await post([one])).code, 'graphql_malformed')
    assert.equal((await post([one], { maxBatch: 3 })).forwarded, true)
    assert.equal((await post([one, one], { maxBatch: 3 })).code, 'graphql_limit')
    assert.equal((await post(Array(4).fill({ query: typename }), { maxBatch: 3 })).code, 'graphql_limit')
  })
})

test('introspection and operations that are not wanted are refused', async () => {
  const { errors } = JSON.parse((await ask('{__schema{types{name}}}')).body) as { errors: unknown }
  assert.deepEqual(errors, [{ in: 'body', at: '/query', rule: 'introspection', expected: 'no introspection' }])
  for (const query of [
    '{__schema{types{name}}}',
    '{a:__type(name:"Q"){name}}',
    '{...F} fragment F on Q{__schema{x}}',
  ]) {
    assert.equal((await ask(query)).code, 'graphql_refused')
    assert.equal((await ask(query, { introspection: true })).forwarded, true)
  }
  assert.equal((await ask('subscription{a}')).code, 'graphql_refused')
  assert.equal((await ask('mutation{a}', { operations: ['query'] })).code, 'graphql_refused')
})

describe('what servers read differently is malformed', () => {
  for (const [name, value] of [
    ['no query', {}],
    ['a query that is no text', { query: ['{a}'] }],
    ['a member in another case', { query: typename, Query: '{b}' }],
    ['another id of the document', { query: typename, doc_id: '1' }],
    ['two ids', { id: '1', documentId: '2' }],
    [
      'a query under the digest of another',
      { query: typename, extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } },
    ],
    ['variables in a list', { query: typename, variables: [] }],
    ['a text', 'query'],
    ['two operations and no name', { query: 'query A{a} query B{b}' }],
    ['two operations of one name', { query: 'query A{a} query A{b}', operationName: 'A' }],
    ['no operation', { query: 'fragment F on Q{a}' }],
    ['a type', { query: '{a} type Q{a:Int}' }],
    ['a fragment that holds itself', { query: '{...A} fragment A on Q{x{...B}} fragment B on Q{...A}' }],
    ['a fragment that is not there', { query: '{...A}' }],
    ['two fragments of one name', { query: '{...A} fragment A on Q{a} fragment A on Q{b}' }],
    ['syntax', { query: '{a' }],
  ] as const) {
    test(name, async () => assert.equal((await post(value)).code, 'graphql_malformed'))
  }
  test('a query in the URL beside the body', async () => {
    const request = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: typename }) }
    assert.equal((await call({ ...request, query: 'trace=1' })).forwarded, true)
    for (const query of ['query={b}', 'QUERY={b}', 'variables={}']) {
      assert.equal((await call({ ...request, query })).code, 'graphql_malformed')
    }
  })
  test('a member twice', async () => {
    const body = '{"query":"{a}","query":"{b}"}'
    assert.equal((await call({ headers: { 'content-type': 'application/json' }, body })).code, 'graphql_malformed')
  })
})

describe('ways', () => {
  test('by GET, where it is accepted and no mutation', async () => {
    assert.equal((await get({ query: typename })).code, 'graphql_type')
    const options = { accept: ['get', 'json'] }
    assert.equal(
      (await get({ query: 'query($n:Int){a(first:$n){b}}', variables: '{"n":3}', extensions: '' }, options)).forwarded,
      true,
    )
    assert.equal((await get({ query: 'mutation{a}' }, options)).code, 'graphql_refused')
    assert.equal((await get({ query: typename, variables: '{"a":1,"a":2}' }, options)).code, 'graphql_malformed')
    assert.equal((await call({ method: 'GET', query: 'query={a}&query={b}' }, options)).code, 'graphql_malformed')
    assert.equal((await get({ query: '{a{b}}' }, { ...options, maxDepth: 1 })).code, 'graphql_limit')
    assert.equal((await get({}, options)).code, 'graphql_malformed')
  })
  test('as application/graphql', async () => {
    const request = { headers: { 'content-type': 'application/graphql' }, body: '{a{b}}' }
    assert.equal((await call(request)).code, 'graphql_type')
    assert.equal((await call(request, { accept: ['graphql'] })).forwarded, true)
    assert.equal((await call(request, { accept: ['graphql'], maxDepth: 1 })).code, 'graphql_limit')
  })
  test('as a form with files', async () => {
    const form = (operations: string, name = 'operations') => ({
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${operations}\r\n--b\r\nContent-Disposition: form-data; name="0"; filename="a"\r\n\r\nx\r\n--b--`,
    })
    const operations = JSON.stringify({ query: 'mutation($f:Upload){a(f:$f){b}}', variables: { f: null } })
    assert.equal((await call(form(operations))).code, 'graphql_type')
    assert.equal((await call(form(operations), { accept: ['multipart'] })).forwarded, true)
    assert.equal((await call(form(operations), { accept: ['multipart'], maxDepth: 1 })).code, 'graphql_limit')
    assert.equal((await call(form(operations, 'map'), { accept: ['multipart'] })).code, 'graphql_malformed')
  })
  test('another type, no body, a WebSocket', async () => {
    assert.equal(
      (await call({ headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ query: typename }) })).code,
      'graphql_type',
    )
    assert.equal((await call({})).code, 'graphql_type')
    assert.equal((await call({ method: 'GET', upgrade: 'websocket' }, { accept: ['get'] })).code, 'graphql_upgrade')
  })
})

describe('an allow-list', () => {
  const options = { allowList: 'file:allowed.json' }
  const query = 'query Orders($first:Int){orders(first:$first){id}} # laid out otherwise'
  test('takes its documents, by their text or id, within the limits', async () => {
    assert.equal((await ask(query, options)).forwarded, true)
    assert.equal((await post({ id: 'orders', variables: { first: 5 } }, options)).forwarded, true)
    assert.equal((await post({ id: 'orders', variables: { first: 1e6 } }, options)).code, 'graphql_limit')
  })
  test('refuses others', async () => {
    assert.equal((await ask('{orders{id secret}}', options)).code, 'graphql_refused')
    assert.equal((await post({ id: 'constructor' }, options)).code, 'graphql_refused')
    assert.equal((await post({ id: 'orders' })).code, 'graphql_refused')
  })
  test('says what is wrong with its file', async () => {
    const failing = (text: string) =>
      assert.rejects(call({ secrets: { 'file:allowed.json': text } }, options), /allowed\.json: /)
    await failing('[]')
    await failing('{"a":1}')
    await failing('{"a":"{"}')
  })
})

test('a query may come with its own digest', async () => {
  const sha256Hash = createHash('sha256').update(typename).digest('hex')
  assert.equal(
    (await post({ query: typename, extensions: { persistedQuery: { version: 1, sha256Hash } } })).forwarded,
    true,
  )
})

test('what fragments multiply is measured in linear time', () => {
  const measure = (count: number) => {
    const all = Array.from(
      { length: count },
      (_, i) => `fragment f${i} on Q{...f${i + 1} ...f${i + 1} a{...f${i + 1}}}`,
    )
    const document = parse(`{...f0} ${all.join(' ')} fragment f${count} on Q{b}`, { noLocation: true })
    const [operation] = document.definitions
    assert.ok(operation?.kind === 'OperationDefinition')
    let cost = 0
    const ms = measureCpu(() => {
      cost = new Measuring(document, read({})).measure(operation, {}).cost
    })
    return { cost, ms }
  }
  measure(50)
  const { cost, ms } = measure(900)
  assert.ok(cost > 1e300)
  assert.ok(ms < 500, `${ms} ms`)
})

test('composes member by member', () => {
  const compose = (inherited: object, own: object) => graphql.compose(read(inherited), read(own))
  assert.equal(compose({}, { maxDepth: 5, accept: ['json'], weights: { a: 5 }, allowList: 'file:a.json' }), 'tighter')
  for (const [inherited, own] of [
    [{}, { maxDepth: 11 }],
    [{}, { introspection: true }],
    [{}, { accept: ['json', 'get'] }],
    [{}, { operations: ['query', 'subscription'] }],
    [{}, { sizeArguments: [] }],
    [{}, { weights: { a: 0 } }],
    [{ weights: { a: 5 } }, {}],
    [{ lists: { a: 5 } }, {}],
    [{ allowList: 'file:a.json' }, {}],
  ] as const) {
    assert.equal(compose(inherited, own), 'looser', JSON.stringify(own))
  }
})

test('rejects bad configuration', () => {
  for (const bad of [
    { maxDepth: 0 },
    { maxTokens: 20_000 },
    { accept: [] },
    { weights: { 'a b': 1 } },
    { allowList: 'env:X' },
    { depth: 5 },
  ]) {
    assert.throws(() => read(bad), JSON.stringify(bad))
  }
})

for (const [method, options] of [
  ['POST', {}],
  ['POST', { maxBatch: 5, introspection: true, maxDepth: 3 }],
  ['POST', { accept: ['graphql'] }],
  ['GET', { accept: ['get'] }],
  ['GET', {}],
] as const) {
  test(`probes pass with the policy and their attacks fail without it: ${method} ${JSON.stringify(options)}`, async () => {
    const run = { policy: graphql, options, method }
    const on = await runProbes({ ...run, enforced: true })
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
