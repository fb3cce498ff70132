import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { z } from 'zod'
import { compileSnapshot } from './compile-snapshot.ts'
import { formatErrors } from './config-error.ts'

const route = { path: '/a', methods: ['PUT'], access: 'public', reason: 'a test' }
const withBody = (schema: unknown) => ({
  version: 1,
  routes: [{ ...route, validate: { body: { 'application/json': schema } } }],
})
const served = {
  listen: { https: { port: 8443, certificate: 'dev' } },
  upstreams: { a: { targets: ['http://127.0.0.1:1'] } },
}

function errorsOf(file: object | string, embedded = true): string {
  const compiled = compileSnapshot(file, { embedded })
  return compiled.ok ? '' : formatErrors(compiled.errors)
}

test('a schema of a library leaves the snapshot plain data, and makes a change of it another revision', () => {
  const schema = z.object({ a: z.string() })
  const [first, again, other] = [schema, schema, z.object({ a: z.string() })].map((one) => {
    const compiled = compileSnapshot(withBody(one), { embedded: true })
    assert.ok(compiled.ok)
    return compiled.snapshot
  })
  assert.deepEqual(structuredClone(first), first)
  assert.equal(Object.isFrozen(schema), false)
  assert.equal(first?.revision, again?.revision)
  assert.notEqual(first?.revision, other?.revision)
})

test('it is refused in a gateway, and wherever no policy takes it', () => {
  const gateway = { ...served, ...withBody(z.string()), routes: [{ ...withBody(z.string()).routes[0], upstream: 'a' }] }
  assert.match(errorsOf(gateway, false), /validate\.body\.application\/json: a schema of a library cannot be handed/)
  for (const odd of [
    { path: z.string() },
    { rateLimit: z.object({}) },
    { cors: { origins: z.array(z.string()) } },
    { authorize: { roles: z.string() } },
  ]) {
    assert.match(errorsOf({ version: 1, routes: [{ ...route, ...odd }] }), /is not plain data, and cannot stand here/)
  }
  assert.match(errorsOf({ version: 1, upstreams: z.string() }), /It may stand under `validate`/)
  assert.match(errorsOf(withBody({ '~standard': { version: 2, vendor: 'x', validate: () => 1 } })), /version 1/)
  assert.notEqual(errorsOf(withBody({ type: 'object', properties: { a: z.string() } })), '')
  assert.match(errorsOf(withBody(new Proxy(z.string(), {}))), /plain objects/)
})

test('no text of a file stands for a schema', () => {
  const text = `version: 1
routes:
  - path: /a
    access: public
    reason: a test
    methods: [PUT]
    validate: { body: { application/json: { standardSchema: { of: { vendor: zod, number: 0 } } } } }
`
  assert.match(errorsOf(text), /"standardSchema" is unknown/)
  assert.notEqual(
    errorsOf(text.replace(/body: \{.*\}/, 'query: { standardSchema: { of: { vendor: zod, number: 0 } } } }')),
    '',
  )
})

test('what zod writes as JSON Schema is JSON Schema, in a gateway too', () => {
  const written = z.toJSONSchema(z.object({ a: z.string() }))
  const [route] = withBody(written).routes
  assert.equal(errorsOf({ ...served, version: 1, routes: [{ ...route, upstream: 'a' }] }, false), '')
  const compiled = compileSnapshot(withBody(written), { embedded: true })
  assert.match(compiled.ok ? JSON.stringify(compiled.snapshot) : '', /"a":\{"type":"string"\}/)
  const hidden = Object.defineProperty({}, '~standard', { value: { version: 3 }, enumerable: false })
  assert.match(errorsOf(withBody(hidden)), /version 1/)
})

test('TypeBox makes JSON Schema; what it judges beyond that is refused', () => {
  assert.equal(errorsOf(withBody(Type.Object({ a: Type.Optional(Type.String()), b: Type.Array(Type.Integer()) }))), '')
  assert.match(errorsOf(withBody(Type.Refine(Type.String(), () => false))), /"~refine" is a function of TypeBox/)
  assert.match(errorsOf(withBody(Type.Decode(Type.String(), (text) => text))), /"~codec" is a function of TypeBox/)
})
