import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { createConnectionLookup } from '../stores/connection-rows.ts'
import type { Connection } from '../stores/ports/connection-store.ts'
import { openPostgresReader, openPostgresStore } from '../stores/postgres/postgres-store.ts'
import { openSqliteReader } from '../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import type { Store, StoreReader } from '../stores/store.ts'
import { createConnectionStore } from './connection-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-connections-'))
after(() => rmSync(folder, { recursive: true }))

interface Opened {
  readonly store: Store
  readonly second: Store
  readonly reader: StoreReader
}

const account = (id: string, username = `${id}@orchard.test`, passwordHash: string | null = null) => ({
  ...{ id, tenant: null, username, passwordHash },
  ...{ roles: [], scopes: [], attributes: {}, createdAt: 5 },
})

function connection(values: Partial<Connection> = {}): Connection {
  return {
    ...{ id: 'c1', accountId: 'ann', tenant: null, provider: 'work', issuer: 'https://staff.test', subject: 's1' },
    ...{ email: 'ann@orchard.test', roles: ['customer'], createdAt: 5, usedAt: 5, ...values },
  }
}

function describeConnections(name: string, open: () => Promise<Opened>): void {
  async function run(work: (opened: Opened) => Promise<void>): Promise<void> {
    const opened = await open()
    try {
      await work(opened)
    } finally {
      for (const one of [opened.reader, opened.second, opened.store]) await one.close()
    }
  }

  test(`who comes twice at the same time gets one account, on ${name}`, () =>
    run(async ({ store, second, reader }) => {
      const [one, other] = [createConnectionStore(store.db), createConnectionStore(second.db)]
      const lookup = createConnectionLookup(reader.db, reader.read)
      const both = await Promise.all([
        one.signUp(account('a', 'a@orchard.test'), connection({ id: 'ca', accountId: 'a' })),
        other.signUp(account('b', 'b@orchard.test'), connection({ id: 'cb', accountId: 'b' })),
      ])
      assert.deepEqual(both.sort(), ['done', 'taken'])
      assert.equal((await store.accounts.list({ limit: 9 })).length, 1)
      const found = await lookup.find({ tenant: null, issuer: 'https://staff.test', subject: 's1' })
      assert.ok(found !== null && (await store.accounts.find(found.accountId)) !== null)
      assert.equal(await lookup.find({ tenant: 'north', issuer: 'https://staff.test', subject: 's1' }), null)
      assert.equal(await lookup.find({ tenant: null, issuer: 'https://staff.test', subject: 's\0' }), null)
    }))

  test(`a name that is taken makes neither account nor connection, on ${name}`, () =>
    run(async ({ store, reader }) => {
      const connections = createConnectionStore(store.db)
      await store.accounts.create(account('ann'))
      const taken = await connections.signUp(account('eve', 'ann@orchard.test'), connection({ accountId: 'eve' }))
      assert.equal(taken, 'taken')
      const lookup = createConnectionLookup(reader.db, reader.read)
      assert.equal(await lookup.find(connection()), null)
    }))

  test(`one identity opens one account; the last means of logging in stays, on ${name}`, () =>
    run(async ({ store, second, reader }) => {
      const [one, other] = [createConnectionStore(store.db), createConnectionStore(second.db)]
      const lookup = createConnectionLookup(reader.db, reader.read)
      await store.accounts.create(account('ann'))
      await store.accounts.create(account('bob'))
      assert.equal(await one.connect(connection()), 'done')
      assert.equal(await one.connect(connection({ id: 'c2' })), 'already')
      assert.equal(await one.connect(connection({ id: 'c3', accountId: 'bob' })), 'taken')
      assert.equal(await one.connect(connection({ id: 'c4', accountId: 'nobody', subject: 's4' })), 'unknown')
      assert.equal(await one.connect(connection({ id: 'c5', issuer: 'https://other.test' })), 'done')
      const both = await Promise.all([one.disconnect('ann', 'c1', 9), other.disconnect('ann', 'c5', 9)])
      assert.deepEqual(both.sort(), ['done', 'last'])
      const [left, ...others] = await lookup.listOf('ann')
      assert.equal(others.length, 0)
      assert.equal(await one.disconnect('bob', left?.id ?? '', 9), 'unknown')
      await store.accounts.setPassword('ann', '$argon2id$', 9)
      assert.equal(await one.disconnect('ann', left?.id ?? '', 9), 'done')
    }))

  test(`roles of the last login replace those before, with a line of the trail; all ends with the account, on ${name}`, () =>
    run(async ({ store, reader }) => {
      const connections = createConnectionStore(store.db)
      const lookup = createConnectionLookup(reader.db, reader.read)
      await store.accounts.create(account('ann'))
      await connections.connect(connection())
      const use = { id: 'c1', provider: 'corp', email: null, now: 7 }
      await connections.use({ ...use, roles: ['customer'] })
      await connections.use({ ...use, roles: [], now: 8 })
      const [found] = await lookup.listOf('ann')
      assert.deepEqual([found?.provider, found?.email, found?.roles, found?.usedAt], ['corp', null, [], 8])
      const trail = await store.db.selectFrom('audit_events').select('action').orderBy('position').execute()
      assert.deepEqual(
        trail.map(({ action }) => action),
        ['account-connected', 'account-roles-mapped'],
      )
      await store.accounts.remove('ann', 9)
      assert.deepEqual(await lookup.listOf('ann'), [])
    }))
}

let count = 0
describeConnections('SQLite', async () => {
  const path = join(folder, `${count++}.db`)
  const [store, second] = [await openSqliteStore({ path }), await openSqliteStore({ path })]
  return { store, second, reader: openSqliteReader({ path }) }
})

describe('connections', () => {
  describeOnPostgres('PostgreSQL', (server) => {
    describeConnections('PostgreSQL', async () => {
      const url = await server().createDatabase()
      const [store, second] = [await openPostgresStore({ url }), await openPostgresStore({ url })]
      return { store, second, reader: openPostgresReader({ url, maxConnections: 2 }) }
    })
  })
})
