import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { describeKeyRingStore } from '../../../test/contracts/key-ring-store.ts'
import { describeKeyStore, newKey } from '../../../test/contracts/key-store.ts'
import { describeOnPostgres } from '../../../test/support/postgres.ts'
import { createKeyRingStore } from '../key-ring-store.ts'
import { StoreError } from '../ports/store-error.ts'
import { openPostgresReader, openPostgresStore } from './postgres-store.ts'

const opened: { close(): unknown }[] = []

describeOnPostgres('PostgreSQL', (server) => {
  after(() => Promise.all(opened.map((one) => one.close())))

  async function openAll() {
    const url = await server().createDatabase()
    const store = await openPostgresStore({ url, maxConnections: 2 })
    const other = await openPostgresStore({ url, maxConnections: 2 })
    const reader = openPostgresReader({ url, maxConnections: 2 })
    opened.push(store, other, reader)
    return {
      url,
      store,
      otherStore: other,
      keys: store.keys,
      other: other.keys,
      lookup: reader.keys,
      changes: reader.changes,
    }
  }

  describeKeyStore('PostgreSQL', openAll)
  describeKeyRingStore('PostgreSQL', async () => {
    const { store, otherStore, changes } = await openAll()
    return { keyRing: createKeyRingStore(store.db), otherKeyRing: createKeyRingStore(otherStore.db), changes }
  })

  test('instances that start at once on an empty database migrate it once, and all can use it', async () => {
    const url = await server().createDatabase()
    const stores = await Promise.all(Array.from({ length: 6 }, () => openPostgresStore({ url })))
    opened.push(...stores)
    for (const { keys } of stores) await keys.create(newKey())
    assert.equal((await stores[0]?.keys.list({ limit: 10 }))?.length, 6)
  })

  test('a database of a newer version is left alone', async () => {
    const { url } = await openAll()
    await server().run(`insert into portcullis_migrations values ('9999-later', '2030-01-01')`, url)
    await assert.rejects(openPostgresStore({ url }), (error: unknown) => {
      assert.ok(error instanceof StoreError)
      assert.equal(error.failure, 'unusable')
      return /newer version/.test(error.message)
    })
  })

  test('a user without the right to make tables can use those that are there, and no more than that', async () => {
    const { url, keys } = await openAll()
    const key = newKey()
    await keys.create(key)
    await server().run(
      `create role app login;
       grant usage on schema public to app;
       grant select, insert, update, delete on all tables in schema public to app`,
      url,
    )
    const asApp = url.replace('portcullis@', 'app@')
    const store = await openPostgresStore({ url: asApp })
    opened.push(store)
    assert.equal(await store.keys.revoke(key.id, 1), 'revoked')
    const empty = (await server().createDatabase()).replace('portcullis@', 'app@')
    await assert.rejects(
      openPostgresStore({ url: empty }),
      (error: unknown) =>
        error instanceof StoreError && error.failure === 'readonly' && /lacks the rights/.test(error.message),
    )
  })

  test('values are parameters, never text of a statement', async () => {
    const { keys, url } = await openAll()
    const owner = `x'); drop table api_keys; --`
    await keys.create(newKey({ owner, name: '$1 \\ "' }))
    assert.equal((await keys.list({ owner, limit: 5 })).length, 1)
    assert.equal((await server().run('select 1 from api_keys', url)).length, 1)
  })
})
