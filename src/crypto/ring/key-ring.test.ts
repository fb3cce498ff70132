import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { randomText } from '../random-text.ts'
import { formatCiphertext, parseCiphertext } from './ciphertext.ts'
import { encodeContext } from './context.ts'
import { blindIndex, decryptField, encryptField } from './fields.ts'
import { createKeyRing, type RingKey } from './key-ring.ts'

const makeKey = (role: RingKey['role']): RingKey => ({ id: randomText(12), role, secret: randomBytes(32) })
const [active, index] = [makeKey('active'), makeKey('index')]
const ring = createKeyRing([active, index])
const retire = (key: RingKey): RingKey => ({ ...key, role: 'retired' })

const text = fc.string({ unit: 'grapheme' })
const context = fc.array(text, { maxLength: 4 })

test('what is encrypted comes back in its own context only', () => {
  fc.assert(
    fc.property(text, context, context, (value, own, other) => {
      const stored = encryptField(ring, value, own)
      assert.equal(decryptField(ring, stored, own), value)
      if (JSON.stringify(own) === JSON.stringify(other)) return
      assert.throws(() => decryptField(ring, stored, other), { name: 'DecryptionError', code: 'not_authentic' })
    }),
  )
})

test('no two contexts are encoded alike, however their parts are cut', () => {
  fc.assert(
    fc.property(context, context, (a, b) => {
      assert.equal(encodeContext(a).equals(encodeContext(b)), JSON.stringify(a) === JSON.stringify(b))
    }),
  )
  assert.ok(!encodeContext(['ab', 'c']).equals(encodeContext(['a', 'bc'])))
  assert.ok(!encodeContext(['']).equals(encodeContext([])))
  assert.throws(() => encodeContext(['\ud800']), TypeError)
})

test('after any number of rotations, everything that was ever encrypted is read, and the newest key encrypts', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (steps) => {
      let keys = [makeKey('active'), makeKey('index')]
      const written: [string, string][] = []
      for (const rotates of steps) {
        if (rotates) keys = [makeKey('active'), ...keys.map((key) => (key.role === 'active' ? retire(key) : key))]
        const present = createKeyRing(keys)
        const value = randomText(8)
        written.push([encryptField(present, value, ['t']), value])
        assert.equal(parseCiphertext(written.at(-1)?.[0] as string)?.keyId, present.activeId)
      }
      const last = createKeyRing(keys)
      for (const [stored, value] of written) {
        assert.equal(decryptField(last, stored, ['t']), value)
        assert.equal(last.isOutdated(stored), parseCiphertext(stored)?.keyId !== last.activeId)
      }
    }),
    { numRuns: 30 },
  )
})

test('a blind index is stable over rotations, tells equal values, and nothing over contexts', () => {
  const rotated = createKeyRing([makeKey('active'), retire(active), index])
  const of = (value: string, where = ['customers', 'card']) => blindIndex(ring, value, where)
  assert.equal(of('4111'), blindIndex(rotated, '4111', ['customers', 'card']))
  assert.notEqual(of('4111'), of('4112'))
  assert.notEqual(of('4111'), of('4111', ['customers', 'iban']))
  assert.notEqual(of('4111'), blindIndex(createKeyRing([active, makeKey('index')]), '4111', ['customers', 'card']))
})

test('a key that is not in the ring is named', () => {
  const other = createKeyRing([makeKey('active'), index])
  const stored = encryptField(other, 'x', [])
  assert.throws(() => decryptField(ring, stored, []), { code: 'key_unknown', message: new RegExp(other.activeId) })
})

test('the id of a key cannot be exchanged for that of another', () => {
  const second = makeKey('retired')
  const both = createKeyRing([active, second, index])
  const stored = encryptField(both, 'x', [])
  const exchanged = stored.replace(active.id, second.id)
  assert.throws(() => decryptField(both, exchanged, []), { code: 'not_authentic' })
})

test('a ciphertext has one text, and other text is none', () => {
  const stored = encryptField(ring, 'x', [])
  const parsed = parseCiphertext(stored)
  assert.ok(parsed !== null)
  assert.equal(formatCiphertext(parsed), stored)
  for (const wrong of [
    '',
    'pce1',
    `${stored}=`,
    `${stored}\n`,
    ` ${stored}`,
    stored.replace('pce1', 'pce2'),
    stored.slice(0, 40),
  ]) {
    assert.equal(parseCiphertext(wrong), null, wrong)
    assert.throws(() => ring.decrypt(wrong, []), { code: 'malformed' })
  }
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (any) => parseCiphertext(any) === null))
})

test('a ring without exactly one active and one index key is refused', () => {
  for (const keys of [
    [],
    [active],
    [index],
    [active, makeKey('active'), index],
    [active, index, makeKey('index')],
    [active, { ...retire(active) }, index],
    [{ ...active, id: 'short' }, index],
    [{ ...active, secret: randomBytes(16) }, index],
  ]) {
    assert.throws(() => createKeyRing(keys), TypeError)
  }
})
