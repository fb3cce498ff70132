import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTokenCheck, findTokenProblem } from './metrics-token.ts'

const token = 'a-token-for-tests-that-is-long-enough-0123456789'
const holds = createTokenCheck(token)

test('the token and nothing but the token', () => {
  assert.ok(holds(`Bearer ${token}`))
  assert.ok(holds(`BEARER ${token}`))
  fc.assert(fc.property(fc.string(), (text) => text === token || !holds(`Bearer ${text}`)))
  for (let at = 0; at < token.length; at++) {
    assert.ok(!holds(`Bearer ${token.slice(0, at)}~${token.slice(at + 1)}`))
    assert.ok(!holds(`Bearer ${token.slice(0, at)}`))
  }
})

test('a token that could be guessed, or that cannot be sent, is none', () => {
  assert.equal(findTokenProblem(token), null)
  assert.match(findTokenProblem('') ?? '', /fewer than 32/)
  assert.match(findTokenProblem('admin') ?? '', /fewer than 32/)
  assert.match(findTokenProblem('a'.repeat(1_025)) ?? '', /more than 1024/)
  assert.match(findTokenProblem(`${token} ${token}`) ?? '', /no scraper can send/)
  assert.match(findTokenProblem(`${token}\n${token}`) ?? '', /no scraper can send/)
})
