import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { describeSessionStore, newSession } from '../../test/contracts/session-store.ts'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { StoreError } from './ports/store-error.ts'
import { openPostgresReader, openPostgresStore } from './postgres/postgres-store.ts'
import { createSessionLookup } from './session-lookup.ts'
import { createSessionStore } from './session-store.ts'
import { openSqliteReader } from './sqlite/sqlite-reader.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store, StoreReader } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-sessions-'))
const opened: { close(): unknown }[] = []
let count = 0

after(async () => {
  for (const one of opened) await one.close()
  rmSync(folder, { recursive: true })
})

function toUnderTest(store: Store, other: Store, reader: StoreReader) {
  opened.push(store, other, reader)
  return {
    store,
    sessions: createSessionStore(store.db),
    other: createSessionStore(other.db),
    lookup: createSessionLookup(reader.db, reader.read),
    changes: reader.changes,
  }
}

async function openSqlite() {
  const path = join(folder, `${count++}.db`)
  return toUnderTest(await openSqliteStore({ path }), await openSqliteStore({ path }), openSqliteReader({ path }))
}

describeSessionStore('SQLite', openSqlite)

test('a reader of SQLite answers at once', async () => {
  const { sessions, lookup } = await openSqlite()
  const session = newSession()
  await sessions.create(session)
  const found = lookup.find(session.digest)
  assert.ok(found !== null && !(found instanceof Promise))
})

test('a row that was changed by hand to what nobody wrote is not trusted', async () => {
  const { store, sessions, lookup } = await openSqlite()
  const session = newSession()
  await sessions.create(session)
  for (const damage of [{ roles: '{}' }, { attributes: '[]' }, { kind: 'root' }]) {
    await store.db.updateTable('sessions').set(damage).execute()
    assert.throws(
      () => lookup.find(session.digest),
      (error: unknown) => error instanceof StoreError && error.failure === 'unusable',
    )
  }
})

describeOnPostgres('PostgreSQL', (server) => {
  after(() => Promise.all(opened.splice(0).map((one) => one.close())))

  describeSessionStore('PostgreSQL', async () => {
    const url = await server().createDatabase()
    return toUnderTest(
      await openPostgresStore({ url, maxConnections: 3 }),
      await openPostgresStore({ url, maxConnections: 3 }),
      openPostgresReader({ url, maxConnections: 2 }),
    )
  })
})
