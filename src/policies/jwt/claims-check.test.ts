import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ClaimRules, checkClaims } from './claims-check.ts'

const now = 1_800_000_000_000
const seconds = now / 1000
const rules: ClaimRules = { audience: ['shop', 'shop-admin'], clockToleranceMs: 30_000, maxTokenAgeMs: null }
const good = { aud: 'shop', exp: seconds + 60 }

const check = (claims: Record<string, unknown>, own: Partial<ClaimRules> = {}, at = now) =>
  checkClaims({ ...good, ...claims }, { ...rules, ...own }, at)

test('a good token is good until its end', () => {
  assert.deepEqual(check({}), { expiresAt: (seconds + 60) * 1000, confirmation: null })
  assert.deepEqual(check({ nbf: seconds, iat: seconds - 5 }), { expiresAt: (seconds + 60) * 1000, confirmation: null })
  assert.deepEqual(check({ exp: seconds + 0.5 }), { expiresAt: now + 500, confirmation: null })
})

test('the end is exclusive and shifted by the tolerance alone', () => {
  const expiredAt = good.exp * 1000
  assert.deepEqual(check({}, {}, expiredAt + 29_999), { expiresAt: expiredAt, confirmation: null })
  assert.equal(check({}, {}, expiredAt + 30_000), 'token_expired')
  assert.deepEqual(check({}, { clockToleranceMs: 0 }, expiredAt - 1), { expiresAt: expiredAt, confirmation: null })
  assert.equal(check({}, { clockToleranceMs: 0 }, expiredAt), 'token_expired')
})

test('the beginning is inclusive, by `nbf` and by `iat`', () => {
  for (const claim of ['nbf', 'iat']) {
    assert.notEqual(typeof check({ [claim]: seconds + 30 }), 'string')
    assert.equal(check({ [claim]: seconds + 31 }), 'token_not_yet_valid')
    assert.equal(check({ [claim]: seconds + 1 }, { clockToleranceMs: 0 }), 'token_not_yet_valid')
    assert.notEqual(typeof check({ [claim]: seconds }, { clockToleranceMs: 0 }), 'string')
  }
})

test('times that are no times are refused', () => {
  // 1.8e12 is a time in milliseconds: it would last for fifty thousand years.
  for (const value of [null, '1', `${seconds + 60}`, true, -1, 1.8e12, {}, [seconds + 60]]) {
    assert.equal(check({ exp: value }), 'token_claims', `exp ${value}`)
    assert.equal(check({ nbf: value }), 'token_claims', `nbf ${value}`)
    assert.equal(check({ iat: value }), 'token_claims', `iat ${value}`)
  }
  assert.equal(check({ exp: undefined }), 'token_claims')
})

test('the audience must hold one of ours, exactly', () => {
  for (const aud of ['shop', 'shop-admin', ['other', 'shop'], ['shop-admin']]) {
    assert.notEqual(typeof check({ aud }), 'string', `${aud}`)
  }
  for (const aud of ['', 'Shop', 'shop ', 'shopping', [], ['other'], undefined, null, { shop: true }, [['shop']], 0]) {
    assert.equal(check({ aud }), 'token_audience', `${JSON.stringify(aud)}`)
  }
})

test('what a token is bound to is read, or the token is refused', () => {
  const jkt = 'a'.repeat(43)
  const confirmationOf = (cnf: unknown) => {
    const checked = check({ cnf })
    return typeof checked === 'string' ? checked : checked.confirmation
  }
  assert.deepEqual(confirmationOf({ jkt }), { keyThumbprint: jkt, certificateThumbprint: null })
  assert.deepEqual(confirmationOf({ 'x5t#S256': jkt }), { keyThumbprint: null, certificateThumbprint: jkt })
  assert.deepEqual(confirmationOf({ jkt, 'x5t#S256': jkt }), { keyThumbprint: jkt, certificateThumbprint: jkt })
  for (const cnf of [null, {}, [], 'x', { jkt: 1 }, { jkt: 'short' }, { kid: 'k' }, { jkt, kid: 'k' }, { jwk: {} }]) {
    assert.equal(confirmationOf(cnf), 'token_bound', JSON.stringify(cnf))
  }
})

test('the greatest age ends a token before its `exp`', () => {
  const own = { maxTokenAgeMs: 10_000 }
  assert.deepEqual(check({ iat: seconds }, own), { expiresAt: now + 10_000, confirmation: null })
  assert.deepEqual(check({ iat: seconds - 39 }, own), { expiresAt: now - 29_000, confirmation: null })
  assert.equal(check({ iat: seconds - 40 }, own), 'token_too_old')
  assert.equal(check({}, own), 'token_claims')
  assert.deepEqual(check({ iat: seconds, exp: seconds + 5 }, own), { expiresAt: now + 5000, confirmation: null })
})

test('no claims of any kind are accepted after the end or for others', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('shop', seconds - 1, seconds + 1, seconds + 1000))
  const claims = fc.record({ aud: value, exp: value, nbf: value, iat: value }, { requiredKeys: [] })
  fc.assert(
    fc.property(claims, (any) => {
      const result = checkClaims(any, rules, now)
      if (typeof result === 'string') return
      assert.ok([any.aud].flat().includes('shop') || [any.aud].flat().includes('shop-admin'))
      assert.ok(typeof any.exp === 'number' && any.exp * 1000 + 30_000 > now)
      assert.equal(result.expiresAt, any.exp * 1000)
    }),
    { numRuns: 300 },
  )
})
