import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { createTestKey } from '../../../test/support/issuer.ts'
import { silentLog } from '../../core/telemetry.ts'
import { defaultAlgorithms } from '../../crypto/tokens/algorithms.ts'
import { type KeySet, parseKeySet } from './key-set.ts'
import { RemoteKeys } from './remote-keys.ts'

const first = createTestKey()
const second = createTestKey()
const toSet = (...keys: (typeof first)[]) => parseKeySet({ keys: keys.map(({ jwk }) => jwk) }, defaultAlgorithms)

let now: number
let loads: number
let answer: () => Promise<KeySet>

beforeEach(() => {
  now = 1_800_000_000_000
  loads = 0
  answer = async () => toSet(first)
})

function createKeys(own: { maxStaleMs?: number } = {}) {
  return new RemoteKeys({
    name: 'main',
    maxAgeMs: 600_000,
    maxStaleMs: own.maxStaleMs ?? 3_600_000,
    cooldownMs: 30_000,
    load() {
      loads++
      return answer()
    },
    now: () => now,
    log: silentLog,
  })
}

const fail = () => Promise.reject(new Error('down'))
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('with an issuer that answers', () => {
  test('keys are fetched once for all who wait', async () => {
    const keys = createKeys()
    assert.equal(keys.usable(now), false)
    const results = await Promise.all(Array.from({ length: 20 }, () => keys.becomeUsable(now)))
    assert.deepEqual(new Set(results), new Set([true]))
    assert.equal(loads, 1)
  })

  test('steady traffic fetches ahead and never waits', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    for (let i = 0; i < 60; i++) {
      now += 60_000
      assert.equal(keys.usable(now), true, `after ${i} minutes`)
      await settle()
    }
    assert.ok(loads >= 6 && loads <= 9, `${loads} fetches in an hour`)
  })

  test('after a pause, keys are fetched before they are used again', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    now += 600_000
    answer = async () => toSet(second)
    const withdrawn = keys.keys[0]
    assert.equal(keys.usable(now), false)
    assert.equal(await keys.becomeUsable(now), true)
    assert.equal(withdrawn?.retired, true)
    assert.equal(keys.keys[0]?.id, second.kid)
  })

  test('a key that is still published stays the same, a withdrawn one is retired', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    const [kept] = keys.keys
    now += 600_000
    answer = async () => toSet(second, first)
    await keys.becomeUsable(now)
    assert.equal(keys.keys[1], kept)
    assert.equal(kept?.retired, false)
    now += 600_000
    answer = async () => toSet(second)
    await keys.becomeUsable(now)
    assert.equal(kept?.retired, true)
  })

  test('unknown keys set off one fetch per cool-down', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    await keys.refreshForUnknown(now)
    assert.equal(loads, 1, 'right after a fetch there is nothing new to find')
    now += 30_000
    await Promise.all(Array.from({ length: 50 }, () => keys.refreshForUnknown(now)))
    assert.equal(loads, 2)
    for (let i = 0; i < 29; i++) {
      now += 1000
      await keys.refreshForUnknown(now)
    }
    assert.equal(loads, 2)
    now += 1000
    await keys.refreshForUnknown(now)
    assert.equal(loads, 3)
  })

  test('a clock that was set back does not keep keys young', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    now -= 86_400_000
    assert.equal(keys.usable(now), false)
    assert.equal(await keys.becomeUsable(now), true)
    assert.equal(loads, 2)
  })
})

describe('with an issuer that fails', () => {
  test('there is nothing to use at first, and attempts are spaced', async () => {
    const keys = createKeys()
    answer = fail
    for (let i = 0; i < 10; i++) assert.equal(await keys.becomeUsable(now), false)
    assert.equal(loads, 1)
    now += 5000
    answer = async () => toSet(first)
    assert.equal(await keys.becomeUsable(now), true)
    assert.equal(loads, 2)
  })

  test('keys at hand are used without waiting until the limit, then no more', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    answer = fail
    const fetchedAt = now
    for (; now < fetchedAt + 4_200_000; now += 2000) {
      assert.equal(keys.usable(now), true, `${now - fetchedAt} ms after the last fetch`)
      await settle()
    }
    assert.equal(keys.usable(now), false)
    assert.equal(await keys.becomeUsable(now), false)
    answer = async () => toSet(first)
    now += 5000
    assert.equal(await keys.becomeUsable(now), true)
  })

  test('`refuse` uses no key beyond its age', async () => {
    const keys = createKeys({ maxStaleMs: 0 })
    await keys.becomeUsable(now)
    answer = fail
    now += 599_999
    assert.equal(keys.usable(now), true)
    await settle()
    now += 1
    assert.equal(keys.usable(now), false)
    assert.equal(await keys.becomeUsable(now), false)
  })

  test('after a pause, old keys are used only once a new attempt has failed', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    now += 500_000
    answer = fail
    keys.usable(now)
    await settle()
    assert.equal(loads, 2)
    now += 1_800_000
    assert.equal(keys.usable(now), false)
    assert.equal(await keys.becomeUsable(now), true)
    assert.equal(loads, 3)
  })

  test('a fetch that hangs does not stop the keys at hand', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    answer = () => new Promise(() => {})
    now += 500_000
    for (let i = 0; i < 3; i++) assert.equal(keys.usable(now), true)
    assert.equal(loads, 2)
  })

  test('a failed fetch retires nothing', async () => {
    const keys = createKeys()
    await keys.becomeUsable(now)
    answer = fail
    now += 30_000
    await keys.refreshForUnknown(now)
    assert.equal(keys.keys[0]?.retired, false)
    assert.deepEqual(keys.counts, { fetched: 1, failed: 1 })
  })
})
