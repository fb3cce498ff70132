import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTestOptions } from '../../../test/support/exchange.ts'
import { composeLimits } from './compose-limits.ts'
import { rateLimit } from './index.ts'
import type { RateLimitOptions } from './options.ts'

const read = (options: unknown) => parseTestOptions(rateLimit, options) as RateLimitOptions
const compose = (inherited: unknown, own: unknown) => composeLimits(read(inherited), read(own))

test('limits that count different callers both apply', () => {
  assert.equal(compose('600/min', { limit: '10000/min', per: 'principal' }), 'both')
  assert.equal(compose('600/min', { limit: '10000/min', name: 'other' }), 'both')
  assert.equal(compose('600/min', { limit: '10000/min', methods: ['GET'] }), 'both')
  assert.equal(compose('600/min', { limit: '10000/min', per: { header: 'ip' } }), 'both')
})

test('a tighter limit of a route stands beside the shared one, which goes on counting the route', () => {
  assert.equal(compose('600/min', '100/min'), 'both')
  assert.equal(compose('600/min', { limit: '600/min', cost: 5 }), 'both')
  assert.equal(compose('600/min', { limit: '600/min', burst: 10 }), 'both')
})

test('it takes the place of one that counts each route by itself', () => {
  const each = { limit: '600/min', scope: 'route' }
  assert.equal(compose(each, '100/min'), 'tighter')
  assert.equal(compose(each, { limit: '100/min', scope: 'route' }), 'tighter')
  assert.equal(compose(each, { limit: '100/min', scope: 'shared' }), 'both')
})

test('a limit that could never refuse what the inherited one lets pass is looser', () => {
  assert.equal(compose('600/min', '601/min'), 'looser')
  assert.equal(compose('600/min', '36001/h'), 'looser')
  assert.equal(compose('600/min', { limit: '600/min', burst: 601 }), 'looser')
  assert.equal(compose({ limit: '600/min', cost: 2 }, '600/min'), 'looser')
  assert.equal(compose({ limit: '600/min', onFailure: 'refuse' }, '600/min'), 'looser')
  assert.equal(compose({ limit: '600/min', onFailure: 'local' }, { limit: '600/min', onFailure: 'allow' }), 'looser')
})

test('one that is looser in one way and tighter in another applies beside it', () => {
  assert.equal(compose('600/min', '1000/h'), 'both')
  assert.equal(compose('600/min', '20/s'), 'both')
})
