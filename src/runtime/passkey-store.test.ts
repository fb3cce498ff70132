import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { createMailStore } from '../stores/mail-store.ts'
import { createPasskeyLookup } from '../stores/passkey-lookup.ts'
import { maxPasskeys, type NewPasskeyRecord } from '../stores/ports/passkey-store.ts'
import { openPostgresReader, openPostgresStore } from '../stores/postgres/postgres-store.ts'
import { openSqliteReader } from '../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import type { Store, StoreReader } from '../stores/store.ts'
import { createPasskeyStore } from './passkey-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-passkeys-'))
after(() => rmSync(folder, { recursive: true }))

const toPasskey = (id: string, changes: Partial<NewPasskeyRecord> = {}): NewPasskeyRecord => ({
  ...{ id, accountId: 'ann', credentialId: `credential-${id}`, publicKey: 'key', counter: 0, transports: ['internal'] },
  ...{ synced: true, name: 'Phone', createdAt: 5 },
  ...changes,
})

interface Opened {
  readonly store: Store
  readonly reader: StoreReader
}

/** What the store of passkeys must do, whatever database it stands on. */
function describePasskeys(database: string, open: () => Promise<Opened>): void {
  async function openWith(passwordHash: string | null) {
    const { store, reader } = await open()
    const account = { tenant: null, roles: [], scopes: [], attributes: {}, createdAt: 0, passwordHash }
    for (const id of ['ann', 'bob']) await store.accounts.create({ ...account, id, username: id })
    const close = async () => {
      await reader.close()
      await store.close()
    }
    return { store, passkeys: createPasskeyStore(store.db), lookup: createPasskeyLookup(reader.db, reader.read), close }
  }

  test(`a passkey comes back as it was added, once, on ${database}`, async () => {
    const { store, passkeys, lookup, close } = await openWith('hash')
    const mail = { id: 'm', payload: 'p', at: 0, expiresAt: 1000 }
    assert.equal(await passkeys.add(toPasskey('a'), mail), 'added')
    assert.equal(await passkeys.add(toPasskey('b', { credentialId: 'credential-a', accountId: 'bob' }), null), 'taken')
    assert.equal(await passkeys.add(toPasskey('c', { accountId: 'nobody' }), null), 'no_account')
    assert.deepEqual(await lookup.findByCredential('credential-a'), { ...toPasskey('a'), lastUsedAt: null })
    assert.equal(await lookup.findByCredential('credential-c'), null)
    assert.deepEqual(await lookup.list('bob'), [])
    assert.equal((await createMailStore(store.db).take(1, 100, 5)).length, 1)
    assert.equal(await passkeys.rename('bob', 'a', 'Mine'), false)
    assert.equal(await passkeys.rename('ann', 'a', 'Laptop'), true)
    assert.equal((await lookup.list('ann'))[0]?.name, 'Laptop')
    assert.equal(await passkeys.remove('bob', 'a', null, 9), 'unknown')
    await store.accounts.remove('ann', 9)
    assert.equal(await lookup.findByCredential('credential-a'), null)
    await close()
  })

  test(`a counter goes up only, and of two uses that count the same one counts, on ${database}`, async () => {
    const { passkeys, lookup, close } = await openWith('hash')
    await passkeys.add(toPasskey('a'), null)
    assert.deepEqual([await passkeys.use('a', 0, 6), await passkeys.use('a', 0, 7)], [true, true])
    const uses = await Promise.all([passkeys.use('a', 4, 8), passkeys.use('a', 4, 8)])
    assert.deepEqual(uses.sort(), [false, true])
    for (const counter of [4, 3, 0]) assert.equal(await passkeys.use('a', counter, 9), false)
    const kept = await lookup.findByCredential('credential-a')
    assert.deepEqual([kept?.counter, kept?.lastUsedAt], [4, 8])
    await close()
  })

  test(`what opens an account last is not removed, also not by two at a time, on ${database}`, async () => {
    const { passkeys, lookup, close } = await openWith(null)
    for (const id of ['a', 'b']) await passkeys.add(toPasskey(id), null)
    const removed = await Promise.all(['a', 'b'].map((id) => passkeys.remove('ann', id, null, 9)))
    assert.deepEqual(removed.sort(), ['last', 'removed'])
    assert.equal((await lookup.list('ann')).length, 1)
    await close()
  })

  test(`an account has so many and no more, and with a password it may have none, on ${database}`, async () => {
    const { passkeys, close } = await openWith('hash')
    for (let i = 0; i < maxPasskeys; i++) assert.equal(await passkeys.add(toPasskey(`p${i}`), null), 'added')
    assert.equal(await passkeys.add(toPasskey('more'), null), 'full')
    for (let i = 0; i < maxPasskeys; i++) assert.equal(await passkeys.remove('ann', `p${i}`, null, 9), 'removed')
    await close()
  })
}

let count = 0
describePasskeys('SQLite', async () => {
  const path = join(folder, `${count++}.db`)
  const store = await openSqliteStore({ path })
  return { store, reader: await openSqliteReader({ path }) }
})

describe('passkeys', () => {
  describeOnPostgres('PostgreSQL', (server) => {
    describePasskeys('PostgreSQL', async () => {
      const url = await server().createDatabase()
      return { store: await openPostgresStore({ url }), reader: await openPostgresReader({ url }) }
    })
  })
})
