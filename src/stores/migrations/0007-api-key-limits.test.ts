import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Kysely } from 'kysely'
import { newKey } from '../../../test/contracts/key-store.ts'
import { createSqliteDialect } from '../sqlite/sqlite-dialect.ts'
import { SqliteFile } from '../sqlite/sqlite-file.ts'
import { openSqliteStore } from '../sqlite/sqlite-store.ts'
import { apiKeyLimits } from './0007-api-key-limits.ts'

test('a key that was stored before has no limits, and can be given some', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-migration-'))
  const path = join(folder, 'portcullis.db')
  const key = newKey({ roles: ['customer'] })
  const first = await openSqliteStore({ path })
  await first.keys.create(key)
  await first.close()
  // As the version before left it.
  const database = new DatabaseSync(path)
  database.exec('drop index api_keys_expiry')
  for (const column of ['environment', 'metadata', 'disabled_at', 'uses_left', 'rate_limit', 'quota']) {
    database.exec(`alter table api_keys drop column ${column}`)
  }
  database.close()
  const file = new SqliteFile({ path, readOnly: false, busyTimeoutMs: 0 })
  await apiKeyLimits.up(new Kysely<unknown>({ dialect: createSqliteDialect(file, 1000) }))
  file.close()

  const store = await openSqliteStore({ path })
  const none = { environment: null, metadata: {}, disabledAt: null, usesLeft: null, rateLimit: null, quota: null }
  assert.partialDeepStrictEqual(await store.keys.find(key.id), { roles: ['customer'], ...none })
  await store.keys.update(key.id, { usesLeft: 3 }, Date.now())
  assert.deepEqual(await store.keys.spend([{ id: key.id, count: 5 }]), [3])
  await store.close()
  rmSync(folder, { recursive: true })
})
