import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { AccountLookup, AccountStore, NewAccount } from '../../src/stores/ports/account-store.ts'
import type { ChangeLog } from '../../src/stores/ports/change-log.ts'
import { StoreError } from '../../src/stores/ports/store-error.ts'

/** One database as seen by its writer and by a reader of its own. */
export interface AccountStoreUnderTest {
  readonly accounts: AccountStore
  readonly lookup: AccountLookup
  readonly changes: ChangeLog
  /** A second writer on the same database. */
  readonly other: AccountStore
}

const now = 1_800_000_000_000

export function newAccount(values: Partial<NewAccount> = {}): NewAccount {
  const id = randomBytes(6).toString('hex')
  const nothing = { tenant: null, passwordHash: null, roles: [], scopes: [], attributes: {} }
  return { id, username: `user-${id}`, createdAt: now, ...nothing, ...values }
}

const conflict = (error: unknown) => error instanceof StoreError && error.failure === 'conflict'

/** What every account store must do, whatever database it stands on. `open` is called for each test. */
export function describeAccountStore(database: string, open: () => Promise<AccountStoreUnderTest>): void {
  describe(`account store on ${database}`, () => {
    test('an account comes back as it was created, by id and by name, from the writer and from the reader', async () => {
      const { accounts, lookup } = await open()
      const account = newAccount({
        tenant: 'north',
        username: 'Ann.Ｏ@example.com',
        passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
        roles: ['customer'],
        scopes: ['orders:read'],
        attributes: { plan: 'gold', since: 2019, tags: ['"quoted"', 'ü'] },
      })
      await accounts.create(account)
      const changed = { disabledAt: null, passwordChangedAt: now, signedOutAt: null }
      const expected = { ...account, username: 'ann.o@example.com', ...changed }
      for (const from of [accounts, lookup]) {
        assert.deepEqual(await from.find(account.id), expected)
        assert.deepEqual(await from.findByUsername('north', 'ANN.O@EXAMPLE.COM'), expected)
        assert.equal(await from.findByUsername(null, account.username), null)
        assert.equal(await from.findByUsername('south', account.username), null)
      }
    })

    test('an import adds whom it does not know, as they were, and passes over the others', async () => {
      const { accounts, lookup } = await open()
      const known = newAccount({ username: 'known' })
      await accounts.create(known)
      const disabled = { ...newAccount({ roles: ['customer'], createdAt: now - 5000 }), disabledAt: now - 1000 }
      const again = { ...newAccount({ username: 'KNOWN' }), disabledAt: null }
      const elsewhere = { ...newAccount({ username: 'known', tenant: 'north' }), disabledAt: null }
      assert.equal(await accounts.import([]), 0)
      assert.equal(await accounts.import([disabled, again, elsewhere]), 2)
      assert.equal(await accounts.import([disabled, again, elsewhere]), 0)
      assert.deepEqual(await lookup.find(disabled.id), { ...disabled, passwordChangedAt: null, signedOutAt: null })
      assert.equal((await lookup.findByUsername(null, 'known'))?.id, known.id)
      assert.equal((await lookup.findByUsername('north', 'known'))?.id, elsewhere.id)
      const wrong = { ...newAccount({ username: ' ' }), disabledAt: null }
      const fine = { ...newAccount(), disabledAt: null }
      await assert.rejects(async () => accounts.import([fine, wrong]), RangeError)
      assert.equal(await lookup.find(fine.id), null)
    })

    test('what is not there, or is no name, is null', async () => {
      const { accounts, lookup } = await open()
      for (const text of ['', 'none', "' or 1=1 --", '%', 'é\u0000', 'x'.repeat(300)]) {
        for (const from of [accounts, lookup]) {
          assert.equal(await from.find(text), null)
          assert.equal(await from.findByUsername(null, text), null)
          assert.equal(await from.findByUsername(text, 'ann'), null)
        }
      }
    })

    test('a name is unique in its tenant, however it is written, and in no tenant as well', async () => {
      const { accounts } = await open()
      for (const tenant of [null, 'north']) {
        await accounts.create(newAccount({ tenant, username: 'ann' }))
        await assert.rejects(accounts.create(newAccount({ tenant, username: 'ＡNN' })), conflict)
      }
      await accounts.create(newAccount({ tenant: 'south', username: 'ann' }))
      const bob = newAccount({ username: 'bob' })
      await accounts.create(bob)
      await assert.rejects(accounts.update(bob.id, { username: 'Ann' }, now), conflict)
      assert.equal((await accounts.find(bob.id))?.username, 'bob')
      await assert.rejects(accounts.create(newAccount({ username: ' ann' })), RangeError)
      await assert.rejects(accounts.update(bob.id, { username: '' }, now), RangeError)
    })

    test('changes of what an account may do move the change log; creating and rehashing do not', async () => {
      const { accounts, changes } = await open()
      const { id } = newAccount()
      let position = await changes.position()
      const moves = async (expected: boolean, work: Promise<unknown>) => {
        const result = await work
        const next = await changes.position()
        assert.equal(next !== position, expected)
        position = next
        return result
      }
      await moves(false, accounts.create(newAccount({ id, passwordHash: 'old' })))
      assert.equal(await moves(true, accounts.update(id, { roles: ['admin'] }, now + 1)), true)
      assert.equal(await moves(true, accounts.setPassword(id, 'new', now + 2)), true)
      assert.equal(await moves(false, accounts.replaceHash(id, 'new', 'newer')), true)
      assert.equal(await moves(true, accounts.disable(id, now + 3)), 'disabled')
      assert.equal(await moves(false, accounts.disable(id, now + 4)), 'already')
      const found = await accounts.find(id)
      assert.deepEqual(found?.roles, ['admin'])
      assert.equal(found?.passwordHash, 'newer')
      assert.equal(found?.passwordChangedAt, now + 2)
      // Each sign-out counts for a second of its own.
      assert.equal(found?.signedOutAt, now + 1002)
      assert.equal(await moves(true, accounts.signOut(id, now + 5000)), true)
      assert.equal((await accounts.find(id))?.signedOutAt, now + 5000)
      assert.equal(found?.disabledAt, now + 3)
      assert.equal(await moves(true, accounts.enable(id, now + 5)), 'enabled')
      assert.equal(await moves(false, accounts.enable(id, now + 5)), 'already')
      assert.equal(await moves(true, accounts.remove(id, now + 6)), true)
      assert.equal(await accounts.find(id), null)
    })

    test('who is not there is not changed, and nobody hears of it', async () => {
      const { accounts, changes } = await open()
      const before = await changes.position()
      assert.equal(await accounts.update('none', { roles: [] }, now), false)
      assert.equal(await accounts.setPassword('none', 'x', now), false)
      assert.equal(await accounts.signOut('none', now), false)
      assert.equal(await accounts.replaceHash('none', 'x', 'y'), false)
      assert.equal(await accounts.disable('none', now), 'unknown')
      assert.equal(await accounts.enable('none', now), 'unknown')
      assert.equal(await accounts.remove('none', now), false)
      assert.equal(await changes.position(), before)
    })

    test('a rehash of the old password does not undo a new one', async () => {
      const { accounts, other } = await open()
      const { id } = newAccount()
      await accounts.create(newAccount({ id, passwordHash: 'old' }))
      await other.setPassword(id, 'new', now)
      assert.equal(await accounts.replaceHash(id, 'old', 'old-but-stronger'), false)
      assert.equal((await accounts.find(id))?.passwordHash, 'new')
      const both = await Promise.all([accounts.replaceHash(id, 'new', 'a'), other.replaceHash(id, 'new', 'b')])
      assert.deepEqual(both.sort(), [false, true])
    })

    test('an account without a password, and one that loses it', async () => {
      const { accounts } = await open()
      const account = newAccount()
      await accounts.create(account)
      assert.equal((await accounts.find(account.id))?.passwordChangedAt, null)
      await accounts.setPassword(account.id, 'x', now)
      await accounts.setPassword(account.id, null, now + 1)
      assert.equal((await accounts.find(account.id))?.passwordHash, null)
    })

    test('pages follow each other and may be of one tenant', async () => {
      const { accounts } = await open()
      for (const id of ['a1', 'a3', 'a5']) await accounts.create(newAccount({ id, tenant: 'north' }))
      for (const id of ['a2', 'a4']) await accounts.create(newAccount({ id }))
      const ids = async (page: Parameters<AccountStore['list']>[0]) => (await accounts.list(page)).map(({ id }) => id)
      assert.deepEqual(await ids({ limit: 2 }), ['a1', 'a2'])
      assert.deepEqual(await ids({ limit: 9, after: 'a2' }), ['a3', 'a4', 'a5'])
      assert.deepEqual(await ids({ limit: 9, tenant: 'north' }), ['a1', 'a3', 'a5'])
      assert.deepEqual(await ids({ limit: 9, tenant: null }), ['a2', 'a4'])
    })
  })
}
