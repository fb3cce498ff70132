import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isJsonType, parseJsonBody } from './json-body.ts'

const parse = (text: string) => parseJsonBody(Buffer.from(text))

test('JSON is read as it is', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      assert.deepEqual(parse(text), { ok: true, value: JSON.parse(text) })
    }),
  )
  assert.deepEqual(parse(' "a:{\\"}" '), { ok: true, value: 'a:{"}' })
})

test('what two programs may read differently is not understood', () => {
  const wrong = [
    '',
    '{',
    '{"a":1,"a":2}',
    '{"a":{"b":1,"b":1}}',
    '[{"a":1,"\\u0061":2}]',
    '\ufeff{}',
    '{"a":1,}',
    "{'a':1}",
    '"\\ud800"',
    'NaN',
  ]
  for (const text of wrong) assert.equal(parse(text).ok, false, text)
  assert.equal(parseJsonBody(Uint8Array.of(0x22, 0xff, 0x22)).ok, false)
})

test('depth is bounded before anything is built', () => {
  assert.equal(parse('['.repeat(64) + ']'.repeat(64)).ok, true)
  assert.equal(parse('['.repeat(65) + ']'.repeat(65)).ok, false)
  assert.equal(parse('['.repeat(1_000_000)).ok, false)
})

test('only types that say JSON in UTF-8 count', () => {
  for (const type of ['application/json', 'Application/JSON; charset=UTF-8', 'application/problem+json']) {
    assert.equal(isJsonType(type), true, type)
  }
  const others: (string | undefined)[] = [
    undefined,
    '',
    'text/json',
    'application/jsonp',
    'application/json; charset=utf-16',
    'application/x+json2',
  ]
  for (const type of others) assert.equal(isJsonType(type), false, String(type))
})
