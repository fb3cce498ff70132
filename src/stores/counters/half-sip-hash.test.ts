import assert from 'node:assert/strict'
import { test } from 'node:test'
import { halfSipHash } from './half-sip-hash.ts'

// Test vectors of the reference implementation: key and message are the bytes 00 01 02 …
const key0 = 0x03020100
const key1 = 0x07060504
const vectors: readonly (readonly [bytes: number, hash: string])[] = [
  [0, '218d1f59b9b83cc8'],
  [2, '064f39ef7c50eb57'],
  [4, 'd5e78a175be52ea1'],
  [6, 'ce3e91358aa2bc25'],
  [8, 'edfee820bce4858c'],
  [10, '95b0469f06a6f2ee'],
  [14, '3bb1a870eae8e658'],
  [62, 'f90b3ab572d46693'],
]

function hash(k0: number, k1: number, text: string): string {
  const words = { low: 0, high: 0 }
  halfSipHash(k0, k1, text, words)
  const bytes = Buffer.alloc(8)
  bytes.writeInt32LE(words.low, 0)
  bytes.writeInt32LE(words.high, 4)
  return bytes.toString('hex')
}

test('agrees with the reference implementation', () => {
  for (const [length, expected] of vectors) {
    const text = Buffer.from(Array.from({ length }, (_, i) => i)).toString('utf16le')
    assert.equal(hash(key0, key1, text), expected, `${length} bytes`)
  }
})

test('depends on the key, on every code unit and on the length', () => {
  const seen = new Set([
    hash(key0, key1, '203.0.113.1'),
    hash(key0 + 1, key1, '203.0.113.1'),
    hash(key0, key1 + 1, '203.0.113.1'),
    hash(key0, key1, '203.0.113.2'),
    hash(key0, key1, '203.0.113.11'),
    hash(key0, key1, '203.0.113.1\0'),
    hash(key0, key1, ''),
    hash(key0, key1, '\0'),
    hash(key0, key1, '\0\0'),
  ])
  assert.equal(seen.size, 9)
})
