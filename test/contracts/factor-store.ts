import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AccountStore } from '../../src/stores/ports/account-store.ts'
import type { FactorLookup, FactorStore, NewFactor } from '../../src/stores/ports/factor-store.ts'

/** One database as seen by its writer, by another writer and by a reader. */
export interface FactorStoreUnderTest {
  readonly factors: FactorStore
  readonly other: FactorStore
  readonly lookup: FactorLookup
  readonly accounts: AccountStore
  add(factor: NewFactor): Promise<void>
}

const now = 1_800_000_000_000

function newFactor(id: string, values: Partial<NewFactor> = {}): NewFactor {
  return { id, account: 'a', kind: 'totp', data: 'sealed', label: null, createdAt: now, ...values }
}

/** What every store of second factors must do, whatever database it stands on. `open` is called for each test. */
export function describeFactorStore(database: string, open: () => Promise<FactorStoreUnderTest>): void {
  describe(`factors on ${database}`, () => {
    test('those of an account come back, the oldest first', async () => {
      const { add, lookup } = await open()
      assert.deepEqual(await lookup.list('a'), [])
      await add(newFactor('f2', { createdAt: now + 5, label: 'phone' }))
      await add(newFactor('f1', { kind: 'recovery' }))
      await add(newFactor('f3', { account: 'b' }))
      assert.deepEqual(await lookup.list('a'), [
        { ...newFactor('f1', { kind: 'recovery' }), lastUsedAt: null },
        { ...newFactor('f2', { createdAt: now + 5, label: 'phone' }), lastUsedAt: null },
      ])
      assert.deepEqual(await lookup.list("' or 1=1 --"), [])
    })

    test('of many that use what they judged by, through two writers, one does', async () => {
      const { factors, other, add, lookup } = await open()
      await add(newFactor('f1'))
      const uses = Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? factors : other).use({ id: 'f1', from: 'sealed', to: `used ${i}`, now: now + i }),
      )
      const done = await Promise.all(uses)
      assert.equal(done.filter(Boolean).length, 1)
      const winner = done.indexOf(true)
      const [kept] = await lookup.list('a')
      assert.equal(kept?.data, `used ${winner}`)
      assert.equal(kept?.lastUsedAt, now + winner)
      assert.equal(await factors.use({ id: 'f2', from: 'sealed', to: 'x', now }), false)
    })

    test('they go with their account', async () => {
      const { accounts, add, lookup } = await open()
      const account = { id: 'a', tenant: null, username: 'ann', passwordHash: null, createdAt: now }
      await accounts.create({ ...account, roles: [], scopes: [], attributes: {} })
      await add(newFactor('f1'))
      await add(newFactor('f2', { account: 'b' }))
      await accounts.remove('a', now)
      assert.deepEqual(await lookup.list('a'), [])
      assert.equal((await lookup.list('b')).length, 1)
    })
  })
}
