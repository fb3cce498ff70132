import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { createFactorLookup } from '../stores/factor-store.ts'
import { createMailStore } from '../stores/mail-store.ts'
import { createPasskeyLookup } from '../stores/passkey-lookup.ts'
import { maxPasskeys, type NewPasskeyFactor } from '../stores/ports/passkey-store.ts'
import { openPostgresReader, openPostgresStore } from '../stores/postgres/postgres-store.ts'
import { openSqliteReader } from '../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import type { Store, StoreReader } from '../stores/store.ts'
import { createConnectionStore } from './connection-store.ts'
import { createPasskeyStore } from './passkey-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-passkeys-'))
after(() => rmSync(folder, { recursive: true }))

const toPasskey = (id: string, changes: Partial<NewPasskeyFactor> = {}): NewPasskeyFactor => ({
  ...{ id, account: 'ann', kind: 'passkey', data: 'sealed', label: 'Phone', createdAt: 5, handle: `handle-${id}` },
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
    const lookup = createPasskeyLookup(reader.db, reader.read)
    return {
      store,
      passkeys: createPasskeyStore(store.db),
      lookup,
      factors: createFactorLookup(reader.db, reader.read),
      close,
    }
  }

  test(`a passkey comes back as it was added, once, on ${database}`, async () => {
    const { store, passkeys, lookup, factors, close } = await openWith('hash')
    const mail = { id: 'm', payload: 'p', at: 0, expiresAt: 1000 }
    assert.equal(await passkeys.add(toPasskey('a'), mail), 'added')
    assert.equal(await passkeys.add(toPasskey('b', { handle: 'handle-a', account: 'bob' }), null), 'taken')
    assert.equal(await passkeys.add(toPasskey('c', { account: 'nobody' }), null), 'no_account')
    const { handle, ...kept } = toPasskey('a')
    assert.deepEqual(await lookup.findByHandle(handle), { ...kept, lastUsedAt: null })
    assert.equal(await lookup.findByHandle('handle-c'), null)
    assert.deepEqual(await factors.list('bob'), [])
    assert.equal((await createMailStore(store.db).take(1, 100, 5)).length, 1)
    assert.equal(await passkeys.rename('bob', 'a', 'Mine'), false)
    assert.equal(await passkeys.rename('ann', 'a', 'Laptop'), true)
    assert.equal((await factors.list('ann'))[0]?.label, 'Laptop')
    assert.equal(await passkeys.remove('bob', 'a', null, 9), 'unknown')
    await store.accounts.remove('ann', 9)
    assert.equal(await lookup.findByHandle(handle), null)
    await close()
  })

  test(`what opens an account last is not removed, also not by two at a time, on ${database}`, async () => {
    const { store, passkeys, factors, close } = await openWith(null)
    for (const id of ['a', 'b']) await passkeys.add(toPasskey(id), null)
    const removed = await Promise.all(['a', 'b'].map((id) => passkeys.remove('ann', id, null, 9)))
    assert.deepEqual(removed.sort(), ['last', 'removed'])
    assert.equal((await factors.list('ann')).length, 1)
    // A connection with another server opens it too: then either may go, and not both.
    const connections = createConnectionStore(store.db)
    const at = { tenant: null, provider: 'work', issuer: 'https://staff.test', subject: 's' }
    await connections.connect({ ...at, id: 'c', accountId: 'ann', email: null, roles: [], createdAt: 5, usedAt: 5 })
    const [left] = await factors.list('ann')
    const both = [passkeys.remove('ann', left?.id ?? '', null, 9), connections.disconnect('ann', 'c', 9)]
    assert.deepEqual((await Promise.all<string>(both)).filter((result) => result === 'last').length, 1)
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
