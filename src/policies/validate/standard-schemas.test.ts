import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { z } from 'zod'
import { runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { type StandardSchema, toStandIn } from '../../core/standard-schema.ts'
import { validate } from './index.ts'

const json = { 'content-type': 'application/json' }
const given = (schema: object) => toStandIn(schema)

async function call(options: object, request: TestRequest) {
  const policies = [{ policy: validate, options }]
  const { forwarded, body, code, exchange, forwardedBody } = await runTestExchange({
    method: 'POST',
    ...request,
    policies,
  })
  const { errors = [] } = (forwarded ? {} : JSON.parse(body)) as {
    errors?: { in: string; at: string; rule: string; expected: string }[]
  }
  const told = errors.map(({ in: place, at, rule }) => `${place} ${at} ${rule}`)
  return { forwarded, body, code, detail: exchange.refusal?.detail, told, errors, sent: forwardedBody?.toString() }
}
const post = (schema: object, value: unknown, more: object = {}) =>
  call({ body: given(schema), ...more }, { body: JSON.stringify(value), headers: json })
const ask = (query: object, text: string, more: object = {}) => call({ query, ...more }, { method: 'GET', query: text })

/** A schema of an unknown library. */
const ofLibrary = (validateValue: StandardSchema['~standard']['validate']): StandardSchema => ({
  '~standard': { version: 1, vendor: 'own', validate: validateValue },
})

test('what a schema transforms is not forwarded', async () => {
  const { forwarded, sent } = await post(z.object({ name: z.string().trim(), age: z.number().default(3) }), {
    name: ' Ann ',
  })
  assert.deepEqual([forwarded, sent], [true, '{"name":" Ann "}'])
})

test('members that are dropped are refused, wherever they stand, unless that is allowed', async () => {
  const item = { tags: [{ name: 'a', role: 'admin' }] }
  for (const [library, schema] of Object.entries({
    zod: z.object({ tags: z.array(z.object({ name: z.string() })) }),
    valibot: v.object({ tags: v.array(v.object({ name: v.string() })) }),
  })) {
    assert.deepEqual((await post(schema, item)).told, ['body /tags/0/role additionalProperties'], library)
    const unsafeAllowUnknownProperties = { reason: 'a test' }
    assert.equal((await post(schema, item, { unsafeAllowUnknownProperties })).forwarded, true, library)
  }
  assert.equal((await post(z.looseObject({ a: z.number() }), { a: 1, role: 'x' })).forwarded, true)
  assert.equal(
    (await post(z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), { b: 'x' })).forwarded,
    true,
  )
})

test('strict schemas name unknown members themselves', async () => {
  assert.deepEqual((await post(z.strictObject({ a: z.int() }), { a: 1, 'x/y': 2 })).told, [
    'body /x~1y unrecognized_keys',
  ])
  assert.deepEqual((await post(v.strictObject({ a: v.number() }), { a: 1, x: 2 })).told, ['body /x strict_object'])
})

test('an object that becomes something else hides no members', async () => {
  const came = { name: 'a', role: 'admin' }
  const made = z.object({ name: z.string() }).transform(({ name }) => new Map([['name', name]]))
  assert.deepEqual((await post(made, came)).told, ['body  additionalProperties'])
  const text = z.unknown().transform((value) => JSON.stringify(value))
  assert.deepEqual((await post(z.object({ name: text }), { name: { $ne: '' } })).told, [
    'body /name additionalProperties',
  ])
  const filtered = z.array(z.object({ a: z.int() })).transform((all) => all.slice(1))
  assert.deepEqual((await post(filtered, [{ a: 1, b: 1 }, { a: 2 }])).told, ['body  additionalProperties'])
})

test('inherited names satisfy nothing, and a library cannot change what others read', async () => {
  const known = ofLibrary((value) =>
    'constructor' in (value as object) ? { value } : { issues: [{ message: 'SECRET', path: ['constructor'] }] },
  )
  assert.deepEqual((await post(known, {})).told, ['body /constructor schema'])
  const deletes = ofLibrary((value) => {
    delete (value as { role?: string }).role
    return { value }
  })
  assert.deepEqual((await post(deletes, { role: 'admin' })).told, ['body /role additionalProperties'])
})

test('no message and no value of a library is told, and an empty list of issues refuses too', async () => {
  const echoes = ofLibrary((value) => {
    const text = JSON.stringify(value)
    return { issues: [{ message: text, path: [{ key: 'a' }], code: text, expected: text } as never] }
  })
  const refused = await post(echoes, { a: 'SECRET' })
  assert.deepEqual(refused.errors, [{ in: 'body', at: '/a', rule: 'schema', expected: 'what the schema asks for' }])
  assert.ok(!`${refused.body}${refused.detail}`.includes('SECRET'))
  assert.deepEqual(
    (
      await post(
        ofLibrary(() => ({ issues: [] })),
        {},
      )
    ).told,
    ['body  schema'],
  )
  const own = v.rawCheck<string>(({ dataset, addIssue }) => addIssue({ message: 'x', expected: String(dataset.value) }))
  assert.ok(!(await post(v.pipe(v.string(), own), 'SECRET')).body.includes('SECRET'))
  const union = v.union([v.literal('a'), v.number()])
  assert.deepEqual((await post(v.object({ a: union }), { a: 'SECRET' })).errors, [
    { in: 'body', at: '/a', rule: 'union', expected: '("a" | number)' },
  ])
  assert.deepEqual((await post(z.object({ a: z.enum(['x', 'y']) }), { a: 'SECRET' })).errors, [
    { in: 'body', at: '/a', rule: 'invalid_value', expected: 'one of "x", "y"' },
  ])
})

test('many issues are told up to twenty', async () => {
  assert.equal((await post(z.array(z.int()), Array(5000).fill('x'))).told.length, 20)
})

test('schemas that take their time are waited for', async () => {
  const later = z.object({ a: z.string().refine(async (text) => text === 'free') })
  assert.equal((await post(later, { a: 'free' })).forwarded, true)
  assert.deepEqual((await post(later, { a: 'taken' })).told, ['body /a custom'])
  const slow = v.pipeAsync(
    v.string(),
    v.checkAsync(async (text) => text === 'free'),
  )
  assert.equal((await post(slow, 'free')).forwarded, true)
  assert.deepEqual((await post(slow, 'taken')).told, ['body  check'])
})

test('schemas that throw or give back nothing refuse, and tell no value', async () => {
  const thrown = new TypeError('SECRET')
  for (const broken of [
    ofLibrary(() => {
      throw thrown
    }),
    ofLibrary(() => Promise.reject(thrown)),
    ofLibrary(() => undefined as never),
    ofLibrary(async () => null as never),
  ]) {
    const { forwarded, code, body, detail } = await post(broken, 'SECRET')
    assert.deepEqual([forwarded, code], [false, 'contract_broken'])
    assert.equal(detail, 'a schema of own threw for body "": TypeError')
    assert.ok(!body.includes('SECRET'))
  }
})

test('a schema that never answers refuses at the time limit of hooks', async () => {
  const never = ofLibrary(() => new Promise(() => {}))
  const { forwarded, code } = await post(never, {})
  assert.deepEqual([forwarded, code], [false, 'policy_timeout'])
})

test('a schema is asked only when everything else is in order', async () => {
  let asked = 0
  const counts = ofLibrary((value) => {
    asked++
    return { value }
  })
  const options = { query: { n: { type: 'integer' } }, body: given(counts) }
  const request = { body: '{}', headers: json }
  assert.deepEqual((await call(options, { ...request, query: 'n=x' })).told, ['query n type'])
  assert.equal(asked, 0)
  assert.equal((await call(options, { ...request, query: 'n=1' })).forwarded, true)
  assert.equal(asked, 1)
})

test('parameters are texts, or lists of texts where the options say so', async () => {
  const page = { page: given(z.coerce.number().int().max(9).optional()) }
  assert.equal((await ask(page, 'page=3')).forwarded, true)
  assert.equal((await ask(page, '')).forwarded, true)
  assert.deepEqual((await ask(page, 'page=12')).told, ['query page too_big'])
  assert.deepEqual((await ask(page, 'page=1&page=2')).told, ['query page repeated'])
  assert.deepEqual((await ask(page, 'page=1&debug=1')).told, ['query debug unknown'])
  assert.deepEqual((await ask({ name: given(z.string()) }, '')).told, ['query name invalid_type'])
  assert.equal((await ask({ name: { schema: given(z.string()), required: false } }, '')).forwarded, true)
  const ids = (explode: boolean) => ({ ids: { schema: given(z.array(z.string().max(2)).max(2)), explode } })
  assert.equal((await ask(ids(true), 'ids=1')).forwarded, true)
  assert.equal((await ask(ids(true), 'ids=1&ids=2')).forwarded, true)
  assert.equal((await ask(ids(false), 'ids=1,2')).forwarded, true)
  assert.deepEqual((await ask(ids(false), 'ids=1,222')).told, ['query ids/1 too_big'])
  assert.deepEqual((await ask(ids(true), 'ids=1&ids=2&ids=3')).told, ['query ids too_big'])
})

test('one schema of all parameters', async () => {
  const query = given(v.object({ q: v.string(), page: v.optional(v.string()) })) as object
  assert.equal((await ask(query, 'q=tea')).forwarded, true)
  assert.deepEqual((await ask(query, 'q=tea&q=milk')).told, ['query q repeated'])
  assert.deepEqual((await ask(query, 'q=tea&debug=1&__proto__=1')).told, [
    'query debug unknown',
    'query __proto__ unknown',
  ])
  assert.deepEqual((await ask(query, '')).told, ['query q object'])
  assert.equal((await ask(query, 'q=tea&debug=1', { unknownQuery: 'ignore' })).forwarded, true)
})

test('header fields and cookies', async () => {
  const options = {
    headers: { 'X-Tenant': given(z.string().regex(/^[a-z]{3}$/)) },
    cookies: { theme: given(v.picklist(['dark'])) },
  }
  const get = (headers: Record<string, string>) => call(options, { method: 'GET', headers })
  assert.equal((await get({ 'x-tenant': 'abc', cookie: 'theme=dark; other=1' })).forwarded, true)
  assert.deepEqual((await get({ 'x-tenant': 'abcd', cookie: 'theme=SECRET' })).told, [
    'cookie theme picklist',
    'header X-Tenant invalid_format',
  ])
  assert.deepEqual((await get({ cookie: 'theme=dark' })).told, ['header X-Tenant invalid_type'])
})

test('forms and texts', async () => {
  const body = {
    'application/x-www-form-urlencoded': given(z.object({ count: z.coerce.number().max(9) })),
    'text/plain': given(z.string().max(3)),
  }
  const send = (text: string, type: string) => call({ body }, { body: text, headers: { 'content-type': type } })
  const form = 'application/x-www-form-urlencoded'
  assert.equal((await send('count=3', form)).forwarded, true)
  assert.deepEqual((await send('count=10', form)).told, ['body /count too_big'])
  assert.deepEqual((await send('count=1&count=2', form)).told, ['body /count repeated'])
  assert.deepEqual((await send('count=1&role=admin', form)).told, ['body /role additionalProperties'])
  assert.equal((await send('abc', 'text/plain')).forwarded, true)
  assert.deepEqual((await send('abcd', 'text/plain')).told, ['body  too_big'])
})
