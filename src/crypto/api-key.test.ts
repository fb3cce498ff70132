import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { apiKeyPattern, apiKeyPrefix, createApiKey, isApiKeyId, parseApiKey } from './api-key.ts'
import { digestSecret } from './digest.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

test('a new key is read back, and its digest is that of the whole text', () => {
  const key = createApiKey()
  assert.equal(parseApiKey(key.text), key.id)
  assert.equal(key.digest, digestSecret(key.text))
  assert.equal(key.text.length, 66)
  assert.ok(isApiKeyId(key.id))
  assert.match(`before ${key.text} after`, apiKeyPattern)
})

test('a further secret keeps the id and shares nothing else', () => {
  const first = createApiKey()
  const second = createApiKey(first.id)
  assert.equal(parseApiKey(second.text), first.id)
  assert.notEqual(second.digest, first.digest)
})

test('keys never repeat', () => {
  const texts = Array.from({ length: 2000 }, () => createApiKey().text)
  assert.equal(new Set(texts).size, texts.length)
})

test('any text that was not made here is refused', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => parseApiKey(text) === null))
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...base62), minLength: 49, maxLength: 49 }), (tail) => {
      // One guess in 2³² has the right checksum by chance.
      assert.equal(parseApiKey(`${apiKeyPrefix}AAAAAAAAAAAA_${tail}`), null)
    }),
  )
})

test('one changed, added, removed or swapped character is noticed', () => {
  const { text } = createApiKey()
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(...base62, '_', '-', '\n', '\u0000', 'é'), (at, character) => {
      const changed = text.slice(0, at) + character + text.slice(at + 1)
      if (changed !== text) assert.equal(parseApiKey(changed), null)
      assert.equal(parseApiKey(text.slice(0, at) + character + text.slice(at)), null)
      assert.equal(parseApiKey(text.slice(0, at) + text.slice(at + 1)), null)
    }),
  )
  for (let at = 0; at + 1 < text.length; at++) {
    const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2)
    if (swapped !== text) assert.equal(parseApiKey(swapped), null)
  }
})

test('white space around a key is not forgiven', () => {
  const { text } = createApiKey()
  for (const wrong of [` ${text}`, `${text} `, `${text}\n`, text.toLowerCase(), '', apiKeyPrefix]) {
    assert.equal(parseApiKey(wrong), null)
  }
})
