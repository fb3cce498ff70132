import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findTotpStep, toTotpCode, toTotpStep } from './totp.ts'

const secret = Buffer.from('12345678901234567890')

test('codes are those of RFC 6238', () => {
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ] as const)
    assert.equal(toTotpCode(secret, toTotpStep(seconds * 1000)), code)
})

test('a code is good a step before and after its time, and no further', () => {
  const now = 1_800_000_000_000
  const code = toTotpCode(secret, toTotpStep(now))
  const step = 30_000
  for (const near of [now - step, now, now + step]) assert.equal(findTotpStep(secret, code, near, 0), toTotpStep(now))
  for (const far of [now - 2 * step, now + 2 * step]) assert.equal(findTotpStep(secret, code, far, 0), null)
})

test('a step that was used is not good again, nor is an earlier one', () => {
  const now = 1_800_000_000_000
  const step = toTotpStep(now)
  assert.equal(findTotpStep(secret, toTotpCode(secret, step), now, step), null)
  assert.equal(findTotpStep(secret, toTotpCode(secret, step - 1), now, step), null)
  assert.equal(findTotpStep(secret, toTotpCode(secret, step + 1), now, step), step + 1)
})

test('what is no code is wrong, and codes may be typed in groups', () => {
  const now = 1_800_000_000_000
  const code = toTotpCode(secret, toTotpStep(now))
  for (const text of ['', code.slice(1), `${code}0`, 'x'.repeat(100_000), '１２３４５６'])
    assert.equal(findTotpStep(secret, text, now, 0), null)
  assert.notEqual(findTotpStep(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now, 0), null)
})
