import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCsrfToken, isCsrfToken } from './csrf-token.ts'

const key = Buffer.alloc(32, 7)
const now = 1_800_000_000_000
const day = 86_400_000

test('a token holds for its binding, its key and its time', () => {
  const token = createCsrfToken(key, 'session:a', now)
  assert.equal(token.length, 72)
  assert.ok(isCsrfToken(key, token, 'session:a', now + day - 1, day))
  assert.equal(isCsrfToken(key, token, 'session:a', now + day, day), false)
  assert.equal(isCsrfToken(key, token, 'session:a', now - day, day), false)
  assert.equal(isCsrfToken(key, token, 'session:b', now, day), false)
  assert.equal(isCsrfToken(Buffer.alloc(32, 8), token, 'session:a', now, day), false)
})

test('any other character makes it another', () => {
  const token = createCsrfToken(key, 'session:a', now)
  for (let i = 0; i < token.length; i++) {
    const spoiled = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1)
    assert.equal(isCsrfToken(key, spoiled, 'session:a', now, day), false, `${i}`)
  }
  for (const other of ['', `${token}A`, token.slice(1), `${token.slice(0, -1)}=`, 'x'.repeat(100_000)]) {
    assert.equal(isCsrfToken(key, other, 'session:a', now, day), false)
  }
})

test('no two tokens share more than the beginning of their time', () => {
  const tokens = Array.from({ length: 50 }, () => createCsrfToken(key, 'session:a', now).slice(8))
  assert.equal(new Set(tokens.map((token) => token.slice(0, 20))).size, 50)
  assert.equal(new Set(tokens.map((token) => token.slice(30))).size, 50)
})
