import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import type { KeyRingStore, NewRingKey } from '../../src/stores/ports/key-ring-store.ts'

/** One database as seen by two writers. */
export interface KeyRingStoreUnderTest {
  readonly keyRing: KeyRingStore
  readonly otherKeyRing: KeyRingStore
  readonly changes: ChangeLog
}

const now = 1_800_000_000_000
let made = 0
const newKey = (): NewRingKey => ({ id: `key${made++}`, masterId: 'local:a', wrapped: `wrapped ${made}` })

/** What every store of the key ring must do, whatever database it stands on. `open` is called for each test. */
export function describeKeyRingStore(database: string, open: () => Promise<KeyRingStoreUnderTest>): void {
  describe(`key ring store on ${database}`, () => {
    const openRing = async () => {
      const opened = await open()
      const [active, index] = [newKey(), newKey()]
      assert.equal(await opened.keyRing.create({ active, index }, now), true)
      return { ...opened, active, index }
    }

    test('a ring is made once, and seen by everyone', async () => {
      const { keyRing, otherKeyRing, active, index } = await openRing()
      assert.equal(await otherKeyRing.create({ active: newKey(), index: newKey() }, now), false)
      const stored = [
        { ...active, role: 'active', createdAt: now, retiredAt: null },
        { ...index, role: 'index', createdAt: now, retiredAt: null },
      ]
      for (const each of [keyRing, otherKeyRing]) assert.deepEqual(await each.list(), stored)
    })

    test('of several that make it at once, one does', async () => {
      const { keyRing, otherKeyRing } = await open()
      const results = await Promise.all(
        [keyRing, otherKeyRing, keyRing, otherKeyRing].map((each) =>
          each.create({ active: newKey(), index: newKey() }, now),
        ),
      )
      assert.equal(results.filter((one) => one).length, 1)
      assert.equal((await keyRing.list()).length, 2)
    })

    test('a rotation retires one key for another, and everyone hears of it', async () => {
      const { keyRing, otherKeyRing, changes, active } = await openRing()
      const before = await changes.position()
      const next = newKey()
      assert.equal(await keyRing.rotate(next, now + 1), true)
      const roles = Object.fromEntries((await otherKeyRing.list()).map(({ id, role }) => [id, role]))
      assert.equal(roles[active.id], 'retired')
      assert.equal(roles[next.id], 'active')
      assert.equal((await keyRing.list()).find(({ id }) => id === active.id)?.retiredAt, now + 1)
      assert.notEqual(await changes.position(), before)
    })

    test('rotations at once leave one active key and lose none', async () => {
      const { keyRing, otherKeyRing } = await openRing()
      await Promise.all([1, 2, 3, 4, 5, 6].map((at) => (at % 2 ? keyRing : otherKeyRing).rotate(newKey(), now + at)))
      const keys = await keyRing.list()
      assert.equal(keys.length, 8)
      assert.equal(keys.filter(({ role }) => role === 'active').length, 1)
    })

    test('without a ring there is nothing to rotate', async () => {
      const { keyRing } = await open()
      assert.equal(await keyRing.rotate(newKey(), now), false)
      assert.deepEqual(await keyRing.list(), [])
    })

    test('a key is wrapped anew by the quicker one only', async () => {
      const { keyRing, otherKeyRing, changes, active } = await openRing()
      const before = await changes.position()
      const renewed = { masterId: 'local:b', wrapped: 'anew' }
      assert.equal(await keyRing.rewrap(active.id, active.wrapped, renewed, now), true)
      assert.equal(await otherKeyRing.rewrap(active.id, active.wrapped, { ...renewed, wrapped: 'late' }, now), false)
      const stored = (await keyRing.list()).find(({ id }) => id === active.id)
      assert.deepEqual([stored?.masterId, stored?.wrapped, stored?.role], ['local:b', 'anew', 'active'])
      assert.notEqual(await changes.position(), before)
    })
  })
}
