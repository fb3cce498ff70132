import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggest } from './suggest.ts'

const known = ['cors', 'rateLimit', 'bodyLimits', 'securityHeaders', 'authenticate', 'authorize']

test('finds what was probably meant', () => {
  const cases = {
    'rate-limit': 'rateLimit',
    ratelimit: 'rateLimit',
    rate_limits: 'rateLimit',
    bodyLimit: 'bodyLimits',
    athenticate: 'authenticate',
    autorize: 'authorize',
    corse: 'cors',
    cosr: 'cors',
    securityHeader: 'securityHeaders',
  }
  for (const [written, meant] of Object.entries(cases)) assert.equal(suggest(written, known), meant)
})

test('suggests nothing where nothing is near', () => {
  for (const written of ['banana', 'x', '', 'timeout', 'limit of everything'])
    assert.equal(suggest(written, known), null)
})
