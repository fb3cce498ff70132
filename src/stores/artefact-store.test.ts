import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { describeArtefactStore, newArtefact } from '../../test/contracts/artefact-store.ts'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { createArtefactLookup } from './artefact-lookup.ts'
import { createArtefactStore } from './artefact-store.ts'
import { openPostgresReader, openPostgresStore } from './postgres/postgres-store.ts'
import { openSqliteReader } from './sqlite/sqlite-reader.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store, StoreReader } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-artefacts-'))
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
    artefacts: createArtefactStore(store.db),
    other: createArtefactStore(other.db),
    lookup: createArtefactLookup(reader.db, reader.read),
    revocations: reader.revocations,
    changes: reader.changes,
  }
}

async function openSqlite() {
  const path = join(folder, `${count++}.db`)
  return toUnderTest(await openSqliteStore({ path }), await openSqliteStore({ path }), openSqliteReader({ path }))
}

describeArtefactStore('SQLite', openSqlite)

test('a reader of SQLite answers at once', async () => {
  const { artefacts, lookup } = await openSqlite()
  await artefacts.put(newArtefact())
  const found = lookup.find('AuthorizationCode', 'd1')
  assert.ok(found !== null && !(found instanceof Promise))
})

test('every look-up on SQLite goes through an index', async () => {
  const { store } = await openSqlite()
  const conditions = ["digest = 'x'", "uid = 'x'", "user_code = 'x'", "account = 'x'"]
  const queries = [
    ...conditions.map((condition) => `select * from artefacts where kind = 'x' and ${condition}`),
    `delete from artefacts where "grant" = 'x'`,
    'select kind, digest from artefacts where expires_at < 1 order by expires_at limit 1',
  ]
  for (const query of queries) {
    const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(store.db)
    const plan = rows.map(({ detail }) => detail).join('\n')
    assert.match(plan, /USING (COVERING )?INDEX/, query)
    assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/, query)
  }
})

describeOnPostgres('PostgreSQL', (server) => {
  after(() => Promise.all(opened.splice(0).map((one) => one.close())))

  describeArtefactStore('PostgreSQL', async () => {
    const url = await server().createDatabase()
    return toUnderTest(
      await openPostgresStore({ url, maxConnections: 3 }),
      await openPostgresStore({ url, maxConnections: 3 }),
      openPostgresReader({ url, maxConnections: 2 }),
    )
  })
})
