import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digestSecret } from './digest.ts'
import { equalDigests, equalSecrets } from './equal-secrets.ts'
import { randomText, toBase62 } from './random-text.ts'

test('the digest is SHA-256', () => {
  assert.equal(digestSecret('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('secrets are equal when they are the same text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      assert.equal(equalSecrets(a, b), a === b)
      assert.equal(equalSecrets(a, a), true)
    }),
  )
})

test('digests are equal when every character is', () => {
  const digest = digestSecret('a')
  assert.ok(equalDigests(digest, digestSecret('a')))
  for (let at = 0; at < digest.length; at++) {
    const other = digest.slice(0, at) + (digest[at] === '0' ? '1' : '0') + digest.slice(at + 1)
    assert.ok(!equalDigests(digest, other))
  }
  for (const wrong of ['', digest.slice(1), `${digest}0`, digest.toUpperCase()]) assert.ok(!equalDigests(digest, wrong))
})

test('random text uses every character about equally often', () => {
  const counts = new Map<string, number>()
  const text = randomText(62_000)
  assert.match(text, /^[0-9A-Za-z]{62000}$/)
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  assert.equal(counts.size, 62)
  // Each is expected 1000 times with a standard deviation of 31; the biased form would give the first eight 1250.
  for (const count of counts.values()) assert.ok(count > 800 && count < 1200, String(count))
})

test('base 62 keeps its width', () => {
  assert.equal(toBase62(0, 6), '000000')
  assert.equal(toBase62(61, 6), '00000z')
  assert.equal(toBase62(62, 6), '000010')
  assert.equal(toBase62(0xffffffff, 6), '4gfFC3')
})
