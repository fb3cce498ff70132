import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Kysely } from 'kysely'
import { createSqliteDialect } from '../sqlite/sqlite-dialect.ts'
import { SqliteFile } from '../sqlite/sqlite-file.ts'
import { openSqliteStore } from '../sqlite/sqlite-store.ts'
import { roles } from './0005-roles.ts'
import { tenantRoles } from './0023-tenant-roles.ts'

test('roles that were stored before, and who holds them, belong to no tenant', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-migration-'))
  const path = join(folder, 'portcullis.db')
  await (await openSqliteStore({ path })).close()
  const file = new SqliteFile({ path, readOnly: false, busyTimeoutMs: 0 })
  const db = new Kysely<unknown>({ dialect: createSqliteDialect(file, 1000) })
  // As the version before left it.
  for (const table of ['roles', 'role_assignments']) await db.schema.dropTable(table).execute()
  await roles.up(db)
  const before = new DatabaseSync(path)
  before.exec(`insert into roles values ('support', '["customer"]', '["orders:*"]', null, 7)`)
  before.exec(`insert into role_assignments values ('principal', 'i', 'ann', 'support', 8)`)
  before.close()
  await tenantRoles.up(db)
  file.close()

  const store = await openSqliteStore({ path })
  const support = {
    name: 'support',
    inherits: ['customer'],
    permissions: ['orders:*'],
    description: null,
    createdAt: 7,
  }
  const holder = { kind: 'principal', issuer: 'i', id: 'ann' } as const
  assert.deepEqual(await store.roles.roles(), [support])
  assert.deepEqual(await store.roles.assignments({ limit: 9 }), [{ holder, role: 'support', createdAt: 8 }])
  await store.roles.create({ ...support, tenant: 'north' })
  assert.equal(await store.roles.remove('support', 9), true)
  assert.equal((await store.roles.roles('north')).length, 1)
  await store.close()
  rmSync(folder, { recursive: true })
})
