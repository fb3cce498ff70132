import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isProof, signProof } from './proof.ts'

const key = randomBytes(32)
const now = 1_800_000_000_000

test('a proof holds for its method and path, for a minute, under its key', () => {
  const field = signProof(key, 'POST', '/orders', now)
  assert.ok(isProof(key, field, 'POST', '/orders', now))
  assert.ok(!isProof(key, field, 'DELETE', '/orders', now))
  assert.ok(!isProof(key, field, 'POST', '/orders/1', now))
  assert.ok(!isProof(key, field, 'POST', '/orders', now + 61_000))
  assert.ok(!isProof(randomBytes(32), field, 'POST', '/orders', now))
  assert.ok(!isProof(key, `${field}x`, 'POST', '/orders', now))
})

test('a path that a probe spells differently is signed as the deployment will read it', () => {
  assert.ok(isProof(key, signProof(key, 'POST', '/order%73', now), 'POST', '/orders', now))
  assert.ok(isProof(key, signProof(key, 'POST', '/a%2fb', now), 'POST', '/a%2Fb', now))
})
