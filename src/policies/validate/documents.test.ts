import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { createTestPipeline, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { documentsBlock } from '../../openapi/documents-block.ts'
import { validate } from './index.ts'

const text = `
openapi: 3.1.0
servers: [{ url: https://api.example.com/v1 }]
paths:
  /users:
    post:
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } }
      responses: { '201': { content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } } }
    get:
      responses:
        '200':
          headers: { X-Total: { required: true, schema: { type: integer } } }
          content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/User' } } } }
  /users/{user-id}:
    get:
      parameters: [{ name: user-id, in: path, required: true, schema: { type: integer } }]
      responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } } }
  /events: { get: { responses: { '200': { content: { text/event-stream: {} } } } } }
  /files: { post: { requestBody: { content: { '*/*': {} } }, responses: { '204': {} } } }
  /broken: { get: { parameters: [{ name: a, in: query, schema: { format: unheard } }], responses: {} } }
components:
  schemas:
    User:
      type: object
      required: [name]
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string, maxLength: 10 }
        password: { type: string, writeOnly: true }
`
const files = { 'openapi.yaml': JSON.stringify(parse(text)) }
const blocks = { [documentsBlock]: { 'openapi.yaml': { root: 'openapi.yaml', digest: 'test', files } } }
const json = { 'content-type': 'application/json' }

const call = (request: TestRequest, more: object = {}, mode: 'enforce' | 'observe' = 'enforce') =>
  runTestExchange({
    policies: [{ policy: validate, options: { openapi: 'openapi.yaml', ...more }, mode }],
    blocks,
    path: '/v1/users',
    ...request,
  })
const create = (value: unknown, more: object = {}) =>
  call({ method: 'POST', headers: json, body: JSON.stringify(value) }, more)

describe('requests are held to the operation of their method and path', () => {
  test('below the base path of the first server, or another', async () => {
    assert.equal((await create({ name: 'ann', password: 'x' })).forwarded, true)
    assert.equal((await call({ path: '/users' })).code, 'contract_no_operation')
    assert.equal((await call({ path: '/api/users/7' }, { basePath: '/api/' })).forwarded, true)
    assert.equal((await call({ path: '/v1users' })).code, 'contract_no_operation')
  })

  test('with the parameters of the document, whatever the route calls them', async () => {
    assert.equal((await call({ path: '/v1/users/7', params: { id: '7' } })).forwarded, true)
    assert.equal((await call({ path: '/v1/users/me' })).code, 'contract_violated')
  })

  test('mass assignment and fields that the server sets', async () => {
    for (const value of [{ name: 'ann', admin: true }, { name: 'ann', id: 7 }, { name: 'a much longer name' }, {}]) {
      const refused = await create(value)
      assert.deepEqual([refused.status, refused.code], [422, 'contract_violated'], JSON.stringify(value))
    }
  })

  test('what the document does not have is refused, unless it may pass', async () => {
    const path = await call({ path: '/v1/admin' })
    assert.deepEqual([path.status, path.code], [404, 'contract_no_operation'])
    const method = await call({ method: 'DELETE' })
    assert.deepEqual([method.status, method.headers.get('allow')], [405, 'GET, HEAD, POST'])
    const pass = { unsafeAllowUnknownOperations: { reason: 'a test' } }
    assert.equal((await call({ path: '/v1/admin' }, pass)).forwarded, true)
    assert.equal((await call({ path: '/v1/broken' }, pass)).code, 'contract_broken')
  })

  test('an upload that nobody looks into streams by, and needs no type', async () => {
    const { forwarded, forwardedBody } = await call({
      method: 'POST',
      path: '/v1/files',
      headers: {},
      body: [Buffer.from('a'), Buffer.from('b')],
    })
    assert.deepEqual([forwarded, forwardedBody?.toString()], [true, 'ab'])
  })

  test('beside schemas of the route, both of which apply', async () => {
    const more = {
      body: { 'application/json': { properties: { name: { pattern: '^a' } }, unevaluatedProperties: true } },
    }
    assert.equal((await create({ name: 'ann' }, more)).forwarded, true)
    assert.equal((await create({ name: 'bob' }, more)).code, 'contract_violated')
    assert.equal((await create({ name: 'ann', admin: true }, more)).code, 'contract_violated')
  })

  test('not on routes that a policy answers', async () => {
    assert.equal((await call({ path: '/.well-known/x', route: { reachesApi: false } })).forwarded, true)
  })

  test('and a document that was not read is a fault at the start', async () => {
    const policies = [{ policy: validate, options: { openapi: 'other.yaml' } }]
    await assert.rejects(createTestPipeline(policies, {}, { blocks }), /other\.yaml was not read/)
  })
})

describe('answers', () => {
  const answer = (body: string | Uint8Array, more: object, headers: Record<string, string> = json, status = 200) =>
    call({ path: '/v1/users/7', upstream: { status, headers, body } }, more)
  const leak = '{ "id": 7, "name": "ann", "password": "hunter2" }'
  const wrong = '{"id":7,"name":5}'

  test('that are not as the document says pass where they are only observed, and are told once', async () => {
    const policies = [{ policy: validate, options: { openapi: 'openapi.yaml' } }]
    const pipeline = await createTestPipeline(policies, {}, { blocks })
    for (let i = 0; i < 2; i++) {
      const result = await runTestExchange({ path: '/v1/users/7', pipeline, upstream: { headers: json, body: leak } })
      assert.deepEqual([result.status, result.body], [200, leak])
    }
    const told = pipeline.log.filter(({ event }) => event === 'answer_violates_contract')
    assert.deepEqual(
      told.map(({ fields }) => fields.places),
      [['body /password: writeOnly']],
    )
    assert.equal(pipeline.counters.get('portcullis_validate_answers_total{verdict="violated"}'), 2)
    assert.ok(!JSON.stringify(pipeline.log).includes('hunter2'))
  })

  test('are refused where they are enforced, and nothing of them is shown', async () => {
    const enforce = { responses: 'enforce' }
    assert.equal((await answer('{"id":7,"name":"ann"}', enforce)).status, 200)
    for (const [body, headers, status] of [
      [leak, json, 200],
      [wrong, json, 200],
      ['{"id":7,"name":"ann","role":"admin"}', json, 200],
      ['{"id":7', json, 200],
      ['<html>', { 'content-type': 'text/html' }, 200],
      ['{}', json, 418],
    ] as const) {
      const refused = await answer(body, enforce, headers, status)
      assert.deepEqual([refused.status, refused.code], [502, 'contract_response'], body)
      assert.ok(!refused.body.includes('ann') && !refused.body.includes('html'))
    }
    const list = { upstream: { headers: json, body: '[]' } }
    assert.equal((await call(list, enforce)).code, 'contract_response', 'a header is missing')
    assert.equal((await call({ ...list, method: 'HEAD' }, enforce)).code, 'contract_response')
    assert.equal((await call(list, enforce, 'observe')).status, 200)
    assert.equal((await answer(leak, { responses: 'off' })).status, 200)
  })

  test('lose what the document does not list, and nothing else', async () => {
    const body = '[ {"name":"a", "hash": "x",  "id":1.0}, {"role":{"a":1},"name":"b"} ]'
    const request = { upstream: { headers: { ...json, 'x-total': '2', etag: '"1"' }, body } }
    const cut = await call(request, { removeUnexpected: true })
    assert.equal(cut.body, '[ {"name":"a",  "id":1.0}, {"name":"b"} ]')
    assert.equal(cut.headers.get('etag'), undefined)
    const many = JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ name: `n${i}`, hash: 'x' })))
    const long = await call(
      { upstream: { headers: { ...json, 'x-total': '2' }, body: many } },
      { removeUnexpected: true, responses: 'enforce' },
    )
    assert.deepEqual([long.status, long.body.includes('hash')], [200, false])
    assert.equal((await answer(leak, { removeUnexpected: true, responses: 'enforce' })).code, 'contract_response')
    const packed = { ...json, 'content-encoding': 'gzip' }
    const unpacked = await answer(gzipSync('{"name":"a","hash":1}'), { removeUnexpected: true }, packed)
    assert.deepEqual([unpacked.body, unpacked.headers.get('content-encoding')], ['{"name":"a"}', undefined])
  })

  test('that are streams pass and are counted', async () => {
    const options = { openapi: 'openapi.yaml', responses: 'enforce' }
    const pipeline = await createTestPipeline([{ policy: validate, options }], {}, { blocks })
    const upstream = { headers: { 'content-type': 'text/event-stream' }, body: 'data: 1\n\n' }
    const result = await runTestExchange({ path: '/v1/events', pipeline, upstream })
    assert.deepEqual([result.status, result.body], [200, 'data: 1\n\n'])
    assert.equal(pipeline.counters.get('portcullis_validate_answers_total{verdict="unjudged"}'), 1)
  })
})

test('what says something of a document needs one', () => {
  const read = (options: object) => validate.options.parse(options)
  const context = { route: { path: '/a' }, block: () => undefined } as never
  for (const options of [{ basePath: '/a' }, { responses: 'off' }, { removeUnexpected: true }]) {
    assert.match(validate.check?.(read(options), context)[0] ?? '', /`openapi` names none/)
  }
  assert.match(
    validate.warnings?.(read({ openapi: 'a', unsafeAllowUnknownOperations: { reason: 'x' } }), context)[0]?.text ?? '',
    /unjudged/,
  )
})
