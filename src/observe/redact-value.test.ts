import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createApiKey } from '../crypto/api-key.ts'
import { redactValue as redactWithin, type ValueLimits } from './redact-value.ts'
import { redacted } from './secret-patterns.ts'

const limits: ValueLimits = { depth: 6, entries: 500, textLength: 4096 }
const redactValue = (value: unknown) => redactWithin(value, limits)
const jwt = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJjdXN0b21lci0xIn0.c2lnbmF0dXJl'

test('what stands under a telling name is gone, at any depth', () => {
  assert.deepEqual(redactValue({ user: { name: 'a', password: 'b', tokens: [1] }, list: [{ cookie: 'c' }] }), {
    user: { name: 'a', password: redacted, tokens: redacted },
    list: [{ cookie: redacted }],
  })
})

test('names that only sound like it stay in events of ours, and so does what cannot be a secret', () => {
  const fields = { key: 'Fv2dcdmL80fm', state: 'refusing', code: 'ENOENT', limit: 3, ok: true, nothing: null }
  assert.deepEqual(redactValue(fields), fields)
  const flags = { passwordChanged: true, token: null }
  assert.deepEqual(redactValue(flags), flags)
})

test('fields as Node lists them lose the credentials', () => {
  assert.deepEqual(redactValue({ rawHeaders: ['Host', 'a', 'Cookie', 'b=c', 'authorization', 'd e'] }), {
    rawHeaders: ['Host', 'a', 'Cookie', redacted, 'authorization', redacted],
  })
  assert.deepEqual(redactValue([['set-cookie', 'a=b']]), [['set-cookie', redacted]])
})

test('an error is told with its causes, without secrets and without what else hangs on it', () => {
  const cause = Object.assign(new Error('password=hunter2'), { code: 'EAUTH', request: { body: 'private' } })
  const error = new AggregateError([new Error('connect ECONNREFUSED ::1'), cause], `with ${jwt}`, { cause })
  const clean = JSON.stringify(redactValue({ error }))
  assert.match(clean, /"message":"with \[redacted\]"/)
  assert.match(clean, /"code":"EAUTH"/)
  assert.match(clean, /ECONNREFUSED ::1/)
  assert.doesNotMatch(clean, /hunter2|eyJ|private/)
})

test('times and addresses are written as they read', () => {
  const value = { at: new Date('2026-11-24T01:43:42.123Z'), url: new URL('https://u:p@example.com/?token=x') }
  assert.deepEqual(redactValue(value), {
    at: '2026-11-24T01:43:42.123Z',
    url: `https://${redacted}@example.com/?token=${redacted}`,
  })
})

test('a secret as the name of a field is cut out too', () => {
  const { text } = createApiKey()
  assert.deepEqual(redactValue({ [text]: 1 }), { [redacted]: 1 })
})

test('it is bounded: rings, depth, breadth and length', () => {
  const ring: Record<string, unknown> = {}
  for (let i = 0; i < 100; i++) ring[`a${i}`] = ring
  assert.ok(JSON.stringify(redactValue(ring)).length < 50_000)
  let deep: unknown = 'end'
  for (let i = 0; i < 10_000; i++) deep = [deep]
  assert.equal(JSON.stringify(redactValue(deep)), '[[[[[["[more]"]]]]]]')
  assert.ok(JSON.stringify(redactValue(Array(10_000).fill('x'))).length < 5_000)
  assert.ok((redactValue('x'.repeat(1_000_000)) as string).length < 5_000)
})

test('it can always be written as JSON, and is never a fault', () => {
  assert.equal(
    JSON.stringify(
      redactValue({ big: 1n, bytes: Buffer.from('secret'), call: () => 1, symbol: Symbol('s'), none: undefined }),
    ),
    '{"big":"1","bytes":"[6 bytes]","call":"[function]","symbol":"Symbol(s)"}',
  )
  const throwing = {
    get broken() {
      throw new Error('no')
    },
  }
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  assert.deepEqual(redactValue({ throwing, proxy, ok: 1 }), { throwing: '[unreadable]', proxy: '[unreadable]', ok: 1 })
  fc.assert(
    fc.property(fc.anything(), (value) => void JSON.stringify(redactValue({ value }) ?? null)),
    { numRuns: 300 },
  )
})

test('a name cannot reach a prototype', () => {
  const clean = redactValue(JSON.parse('{"__proto__":{"polluted":1}}')) as Record<string, unknown>
  assert.equal(clean.polluted, undefined)
  assert.equal(JSON.stringify(clean), '{"__proto__":{"polluted":1}}')
})
