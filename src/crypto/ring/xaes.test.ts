import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { openXaes, sealXaes } from './xaes.ts'

const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX')
const plain = Buffer.from('XAES-256-GCM')

test('it is XAES-256-GCM as its specification has it', () => {
  for (const [byte, aad, sealed] of [
    [1, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [3, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
  ] as const) {
    const key = Buffer.alloc(32, byte)
    assert.equal(sealXaes(key, plain, Buffer.from(aad), nonce).subarray(24).toString('hex'), sealed)
    const whole = Buffer.concat([nonce, Buffer.from(sealed, 'hex')])
    assert.deepEqual(openXaes(key, whole, Buffer.from(aad)), plain)
  }
})

test('the AES-256-GCM below it is that of published vectors', () => {
  // Test cases 14 and 16 of the GCM specification (McGrew and Viega).
  const hex = (text: string) => Buffer.from(text, 'hex')
  const cases = [
    {
      key: '00'.repeat(32),
      iv: '00'.repeat(12),
      aad: '',
      msg: '00'.repeat(16),
      ct: 'cea7403d4d606b6e074ec5d3baf39d18',
      tag: 'd0d1c8a799996bf0265b98b5d48ab919',
    },
    {
      key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      iv: 'cafebabefacedbaddecaf888',
      aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      msg: 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      ct: '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
      tag: '76fc6ece0f4e1768cddf8853bb2d551b',
    },
  ]
  for (const { key, iv, aad, msg, ct, tag } of cases) {
    const cipher = createCipheriv('aes-256-gcm', hex(key), hex(iv)).setAAD(hex(aad))
    assert.equal(Buffer.concat([cipher.update(hex(msg)), cipher.final()]).toString('hex'), ct)
    assert.equal(cipher.getAuthTag().toString('hex'), tag)
    for (let bit = 0; bit < 128; bit++) {
      const wrong = hex(tag)
      wrong[bit >> 3] = (wrong[bit >> 3] as number) ^ (1 << (bit & 7))
      const decipher = createDecipheriv('aes-256-gcm', hex(key), hex(iv)).setAAD(hex(aad)).setAuthTag(wrong)
      decipher.update(hex(ct))
      assert.throws(() => decipher.final())
    }
  }
})

test('whatever is changed is noticed: every bit, the length, the key, the context', () => {
  const bytes = fc.uint8Array({ maxLength: 64 })
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(key, bytes, bytes, fc.nat(), (secret, text, aad, at) => {
      const sealed = sealXaes(secret, text, aad)
      assert.deepEqual(openXaes(secret, sealed, aad), Buffer.from(text))
      const bit = at % (sealed.length * 8)
      const changed = Buffer.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      assert.equal(openXaes(secret, changed, aad), null)
      assert.equal(openXaes(secret, sealed.subarray(0, -1), aad), null)
      assert.equal(openXaes(secret, Buffer.concat([sealed, Buffer.of(0)]), aad), null)
      assert.equal(openXaes(secret, sealed, Buffer.concat([aad, Buffer.of(0)])), null)
      assert.equal(openXaes(Buffer.from(secret.map((byte) => byte ^ 1)), sealed, aad), null)
    }),
  )
})

test('what is too short is no message', () => {
  for (const length of [0, 1, 24, 39]) assert.equal(openXaes(Buffer.alloc(32), Buffer.alloc(length), plain), null)
})

test('nonces do not repeat', () => {
  const seen = new Set(
    Array.from({ length: 1000 }, () => sealXaes(Buffer.alloc(32), plain, plain).toString('hex', 0, 24)),
  )
  assert.equal(seen.size, 1000)
})
