import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BareItem, isInnerList, parseDictionary, serializeInnerList, serializeItem } from './structured-field.ts'

const key = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/)
const bare: fc.Arbitrary<BareItem> = fc.oneof(
  fc.stringMatching(/^[\x20-\x7e]{0,12}$/),
  fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }).map((value) => value + 0),
  fc.boolean(),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  fc.stringMatching(/^[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]{0,8}$/).map((token) => ({ token })),
)
const parameters = fc.uniqueArray(fc.tuple(key, bare), { selector: ([name]) => name, maxLength: 4 })
const item = fc.record({ value: bare, parameters: parameters.map((pairs) => new Map(pairs)) })
const list = fc.record({
  items: fc.array(item, { maxLength: 4 }),
  parameters: parameters.map((pairs) => new Map(pairs)),
})

test('what is written is read as the same', () => {
  fc.assert(
    fc.property(key, list, item, (name, inner, single) => {
      const text = `${name}=${serializeInnerList(inner)}, ${name}2=${serializeItem(single)}`
      const read = parseDictionary(text)
      assert.ok(read !== null, text)
      const [first, second] = [read.get(name), read.get(`${name}2`)]
      assert.ok(isInnerList(first) && second !== undefined && !isInnerList(second))
      assert.equal(serializeInnerList(first), serializeInnerList(inner))
      assert.equal(serializeItem(second), serializeItem(single))
    }),
  )
})

test('whatever comes, it is read or refused, and soon', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      parseDictionary(text)
    }),
  )
  const started = performance.now()
  for (const part of ['a=(', 'a=(" "', 'a;', 'a=1,', '"', 'a="\\\\', ' ', 'a=:AAAA', 'a=((((']) {
    parseDictionary(part.repeat(20_000))
  }
  assert.ok(performance.now() - started < 1_000)
})

test('examples of RFC 9651, and what is refused', () => {
  const good = [
    'en="Applepie", da=:w4ZibGV0w6ZydGU=:',
    'a=?0, b, c; foo=bar',
    'rating=1.5, feelings=(joy sadness)',
    'a=(1 2), b=3, c=4;aa=bb, d=(5 6);valid',
    '',
  ]
  for (const text of good) assert.ok(parseDictionary(text) !== null, text)
  const bad = [
    ...['a=1, a=2', 'a=1;x;x', 'A=1', '1=a', 'a=', 'a=1,', 'a=1,,b=2', ',a=1', 'a=1 b=2', 'a=1;', 'a=1;X'],
    ...['a=(', 'a=(1', 'a=(1  2', 'a=("x""y")', 'a=(1,2)', 'a="x', 'a="\\x"', 'a="é"', "a='x'", 'a=?2', 'a=01x'],
    ...['a=:AAA:', 'a=:AB==:', 'a=:A=A=:', 'a=:AAAA', 'a=:A-A_:', 'a=1.', 'a=1.2345', 'a=1234567890123456', 'a=--1'],
    ...['a=@1', 'a=%"x"', 'a\t=1'],
  ]
  for (const text of bad) assert.equal(parseDictionary(text), null, text)
})
