import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import type { SigningKeyLookup, SigningKeyRecord, SigningKeyStore } from '../../src/stores/ports/signing-key-store.ts'

/** One database as seen by its writer, by another writer and by a reader. */
export interface SigningKeyStoreUnderTest {
  readonly keys: SigningKeyStore
  readonly other: SigningKeyStore
  readonly lookup: SigningKeyLookup
  readonly changes: ChangeLog
}

const now = 1_800_000_000_000

function newKey(id: string, signsFrom = now): SigningKeyRecord {
  return { id, publicKey: '{}', sealed: 'sealed', createdAt: now, signsFrom }
}

/** What every store of signing keys must do, whatever database it stands on. `open` is called for each test. */
export function describeSigningKeyStore(database: string, open: () => Promise<SigningKeyStoreUnderTest>): void {
  describe(`signing keys on ${database}`, () => {
    test('keys come back in the order in which they sign', async () => {
      const { keys, lookup } = await open()
      assert.deepEqual(await lookup.list(), [])
      assert.equal(await keys.add(newKey('b'), null), true)
      assert.equal(await keys.add(newKey('a', now + 5), 'b'), true)
      assert.deepEqual(await lookup.list(), [newKey('b'), newKey('a', now + 5)])
    })

    test('each tenant has its own', async () => {
      const { keys, lookup } = await open()
      const north = { ...newKey('n'), tenant: 'north' }
      assert.equal(await keys.add(newKey('a'), null), true)
      assert.equal(await keys.add(north, null), true)
      assert.equal(await keys.add({ ...newKey('m', now + 5), tenant: 'north' }, 'a'), false)
      assert.deepEqual(await lookup.list('north'), [north])
      assert.deepEqual(await lookup.list(), [newKey('a')])
      assert.deepEqual(await lookup.list('south'), [])
    })

    test('of many first keys one is taken, and of many next ones too', async () => {
      const { keys, other, lookup } = await open()
      const race = (prefix: string, after: string | null, signsFrom: number) =>
        Promise.all(
          Array.from({ length: 6 }, (_, i) => (i % 2 ? keys : other).add(newKey(`${prefix}${i}`, signsFrom), after)),
        )
      assert.equal((await race('first', null, now)).filter(Boolean).length, 1)
      const [first] = await lookup.list()
      assert.equal((await race('next', first?.id ?? '', now + 5)).filter(Boolean).length, 1)
      assert.equal((await lookup.list()).length, 2)
    })

    test('every instance hears of a key that comes or goes', async () => {
      const { keys, lookup, changes } = await open()
      const before = await changes.position()
      await keys.add(newKey('a'), null)
      const added = await changes.position()
      assert.notEqual(added, before)
      assert.equal(await keys.remove('a', now), true)
      assert.notEqual(await changes.position(), added)
      assert.equal(await keys.remove('a', now), false)
      assert.deepEqual(await lookup.list(), [])
    })
  })
}
