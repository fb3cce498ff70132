import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { describeAccountStore } from '../../../test/contracts/account-store.ts'
import { describeAuditStore } from '../../../test/contracts/audit-store.ts'
import { describeKeyRingStore } from '../../../test/contracts/key-ring-store.ts'
import { describeKeyStore, newKey } from '../../../test/contracts/key-store.ts'
import { describeRevocationStore } from '../../../test/contracts/revocation-store.ts'
import { describeRoleStore } from '../../../test/contracts/role-store.ts'
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
    const { keys, changes } = reader
    return { url, store, otherStore: other, reader, keys: store.keys, other: other.keys, lookup: keys, changes }
  }

  describeKeyStore('PostgreSQL', openAll)
  describeAuditStore('PostgreSQL', openAll)
  describeAccountStore('PostgreSQL', async () => {
    const { store, reader, changes, otherStore } = await openAll()
    return { accounts: store.accounts, other: otherStore.accounts, lookup: reader.accounts, changes }
  })
  describeRoleStore('PostgreSQL', async () => {
    const { store, reader, changes } = await openAll()
    return { roles: store.roles, lookup: reader.roles, changes }
  })
  describeKeyRingStore('PostgreSQL', async () => {
    const { store, otherStore, changes } = await openAll()
    return { keyRing: createKeyRingStore(store.db), otherKeyRing: createKeyRingStore(otherStore.db), changes }
  })

  describeRevocationStore('PostgreSQL', async () => {
    const { store, reader, changes, otherStore } = await openAll()
    return { revocations: store.revocations, other: otherStore.revocations, lookup: reader.revocations, changes }
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

  test('the users of the page: the owner migrates, the gateway uses the tables and no more than that', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/stores.md'), 'utf8')
    const [, recipe = ''] = /```sql\n([\s\S]*?)```/.exec(page) ?? []
    const [before, after] = recipe.split('\\connect portcullis') as [string, string]
    // Making a database is no part of a transaction, which several statements at once are.
    for (const statement of before.split(';')) await server().run(statement)
    const url = (user: string) => `postgres://${user}@127.0.0.1:${server().port}/portcullis`
    await server().run(after, url('tester'))
    const refused = (error: unknown) =>
      error instanceof StoreError && error.failure === 'readonly' && /lacks the rights/.test(error.message)
    await assert.rejects(openPostgresStore({ url: url('portcullis') }), refused)
    await (await openPostgresStore({ url: url('portcullis_owner') })).close()
    const store = await openPostgresStore({ url: url('portcullis') })
    opened.push(store)
    const key = newKey()
    await store.keys.create(key)
    assert.equal(await store.keys.revoke(key.id, 1), 'revoked')
    await assert.rejects(store.db.schema.dropTable('api_keys').execute(), refused)
  })

  test('values are parameters, never text of a statement', async () => {
    const { keys, url } = await openAll()
    const owner = `x'); drop table api_keys; --`
    await keys.create(newKey({ owner, name: '$1 \\ "' }))
    assert.equal((await keys.list({ owner, limit: 5 })).length, 1)
    assert.equal((await server().run('select 1 from api_keys', url)).length, 1)
  })
})
