import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createKeyRing } from '../../crypto/ring/key-ring.ts'
import { compose } from './compose.ts'
import { decryptValue, encryptValue } from './field-cipher.ts'
import { hideValue } from './hide-value.ts'
import { options as schema } from './options.ts'

const ring = createKeyRing([
  { id: 'Key000000001', role: 'active', secret: randomBytes(32) },
  { id: 'Index0000001', role: 'index', secret: randomBytes(32) },
])
const base = { context: 'customers', fields: { card: { at: ['/card'] } } }
const parse = (more: object) => schema.safeParse({ ...base, ...more })

describe('a value', () => {
  test('of any type comes back as it was written, and only in its own context', () => {
    fc.assert(
      fc.property(fc.json(), (raw) => {
        const encrypted = encryptValue(ring, raw, ['customers', 'card'])
        assert.deepEqual(JSON.parse(decryptValue(ring, encrypted, ['customers', 'card']) as string), JSON.parse(raw))
        assert.equal(decryptValue(ring, encrypted, ['customers', 'pin']), null)
      }),
    )
  })

  test('is no ciphertext where it is plain, or of another type', () => {
    for (const raw of ['"4111"', '12', 'true', '{"a":1}', '""']) assert.equal(decryptValue(ring, raw, ['a']), null)
  })

  test('is hidden, with four characters of a long text at most', () => {
    assert.equal(hideValue('"4111111111111111"', 'last4'), '"••••1111"')
    assert.equal(hideValue('"1234567"', 'last4'), '"••••"')
    assert.equal(hideValue('1234567890', 'last4'), '"••••"')
    assert.equal(hideValue(null, 'last4'), '"••••"')
    assert.equal(hideValue('"4111111111111111"', 'mask'), '"••••"')
    assert.equal(hideValue('"4111111111111111"', 'remove'), undefined)
  })
})

describe('options', () => {
  test('fields that may be the same value are refused', () => {
    for (const other of ['/card', '/*', '/card/number', '/*/number']) {
      assert.equal(parse({ fields: { card: { at: ['/card'] }, other: { at: [other] } } }).success, false, other)
    }
    assert.equal(parse({ fields: { card: { at: ['/card', '/cards/*/number'] }, pin: { at: ['/pin'] } } }).success, true)
  })

  test('an index stands beside a member, and nowhere else', () => {
    assert.equal(parse({ fields: { card: { at: ['/cards/*'], blindIndex: 'index' } } }).success, false)
    assert.equal(parse({ fields: { card: { at: ['/card'], blindIndex: 'card' } } }).success, false)
    assert.equal(parse({ fields: { card: { at: ['/card'], blindIndex: 'index' } } }).success, true)
  })

  test('empty demands, pointers that are none and unknown keys are refused', () => {
    for (const wrong of [{ reveal: {} }, { fields: {} }, { fields: { card: { at: ['card'] } } }, { other: 1 }]) {
      assert.equal(parse(wrong).success, false, JSON.stringify(wrong))
    }
  })

  test('a route may encrypt more and show less', () => {
    const of = (more: object = {}) => schema.parse({ ...base, ...more })
    assert.equal(compose(of(), of()), 'tighter')
    assert.equal(compose(of(), of({ fields: { card: { at: ['/card', '/other'], hide: 'remove' } } })), 'tighter')
    assert.equal(compose(of({ reveal: { roles: ['a'] } }), of()), 'tighter')
    for (const weaker of [
      { reveal: { roles: ['a'] } },
      { context: 'orders' },
      { otherTypes: 'pass' },
      { answers: false },
      { maxFields: 2000 },
      { fields: { other: { at: ['/other'] } } },
      { fields: { card: { at: ['/card'], hide: 'last4' } } },
    ]) {
      assert.equal(compose(of(), of(weaker)), 'looser', JSON.stringify(weaker))
    }
  })
})
