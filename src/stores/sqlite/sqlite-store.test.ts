import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { describeAccountStore } from '../../../test/contracts/account-store.ts'
import { describeAttemptStore } from '../../../test/contracts/attempt-store.ts'
import { describeAuditStore } from '../../../test/contracts/audit-store.ts'
import { describeKeyRingStore } from '../../../test/contracts/key-ring-store.ts'
import { describeKeyStore, newKey } from '../../../test/contracts/key-store.ts'
import { describeRevocationStore } from '../../../test/contracts/revocation-store.ts'
import { describeRoleStore } from '../../../test/contracts/role-store.ts'
import { createAttemptStore } from '../attempt-store.ts'
import { createKeyRingStore } from '../key-ring-store.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-store-'))
const opened: { close(): void }[] = []
let count = 0

after(() => {
  for (const one of opened) one.close()
  rmSync(folder, { recursive: true })
})

function nextPath(): string {
  return join(folder, String(count++), 'data', 'portcullis.db')
}

async function openAll(path = nextPath()) {
  const store = await openSqliteStore({ path })
  const other = await openSqliteStore({ path })
  const reader = openSqliteReader({ path })
  opened.push(store, other, reader)
  const { keys, changes } = reader
  return { keys: store.keys, other: other.keys, lookup: keys, changes, store, otherStore: other, reader }
}

describeKeyStore('SQLite', openAll)
describeAuditStore('SQLite', openAll)
describeAttemptStore('SQLite', async () => {
  const { store, otherStore } = await openAll()
  return { attempts: createAttemptStore(store.db), other: createAttemptStore(otherStore.db), db: store.db }
})
describeAccountStore('SQLite', async () => {
  const { store, reader, changes, otherStore } = await openAll()
  return { accounts: store.accounts, other: otherStore.accounts, lookup: reader.accounts, changes }
})
describeKeyRingStore('SQLite', async () => {
  const { store, otherStore, changes } = await openAll()
  return { keyRing: createKeyRingStore(store.db), otherKeyRing: createKeyRingStore(otherStore.db), changes }
})

describeRoleStore('SQLite', async () => {
  const { store, reader } = await openAll()
  return { roles: store.roles, lookup: reader.roles, changes: reader.changes }
})

describeRevocationStore('SQLite', async () => {
  const { store, changes, reader } = await openAll()
  const other = await openSqliteStore({ path: store.path })
  opened.push(other)
  return { revocations: store.revocations, other: other.revocations, lookup: reader.revocations, changes }
})

test('a reader looks revoked tokens up by their key and without a promise', async () => {
  const { reader, store } = await openAll()
  const token = { issuer: 'https://a', tokenId: 't', sessionId: null, subject: 's', issuedAt: null }
  assert.equal(reader.revocations.find(token), null)
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(store.path)
  const plan = database
    .prepare(
      `explain query plan select kind, issued_until from revocations where issuer = 'a' and value in ('b', 'c', 'd')`,
    )
    .all()
  database.close()
  assert.match(JSON.stringify(plan), /SEARCH revocations USING INDEX [^ ]+ \(issuer=\? AND value=\?\)/)
})

test('only the user who runs it may read the file, its log and its folder', async () => {
  const path = nextPath()
  const { keys } = await openAll(path)
  await keys.create(newKey())
  for (const suffix of ['', '-wal', '-shm']) assert.equal(statSync(path + suffix).mode & 0o777, 0o600, suffix)
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
})

test('a reader is synchronous and cannot write', async () => {
  const { keys, reader } = await openAll()
  const key = newKey()
  await keys.create(key)
  const found = reader.keys.find(key.id)
  assert.ok(found !== null && !(found instanceof Promise))
  assert.equal(typeof reader.changes.position(), 'string')
})

test('100 000 keys are looked up in a few microseconds each', { timeout: 60_000 }, async (t) => {
  const path = nextPath()
  const { reader } = await openAll(path)
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path)
  const ids = Array.from({ length: 100_000 }, (_, i) => `key${String(i).padStart(9, '0')}`)
  const addKey = database.prepare(
    `insert into api_keys (id, owner, roles, scopes, cidrs, created_at) values (?, 'shop', '["customer"]', '[]', '[]', 1)`,
  )
  const addSecret = database.prepare(
    'insert into api_key_secrets (digest, key_id, generation, created_at) values (?, ?, 1, 1)',
  )
  database.exec('begin')
  for (const id of ids) {
    addKey.run(id)
    addSecret.run(newKey().digest, id)
  }
  database.exec('commit')
  database.close()
  const start = performance.now()
  for (let i = 0; i < 20_000; i++) assert.ok(reader.keys.find(ids[(i * 7919) % ids.length] as string) !== null)
  const hit = ((performance.now() - start) / 20_000) * 1000
  const missStart = performance.now()
  for (let i = 0; i < 20_000; i++) assert.equal(reader.keys.find(`none${i}`), null)
  const miss = ((performance.now() - missStart) / 20_000) * 1000
  t.diagnostic(`${hit.toFixed(1)} µs per key found, ${miss.toFixed(1)} µs per key not found`)
  // A scan of the table would take a thousand times as long.
  assert.ok(hit < 500 && miss < 500, `${hit} ${miss}`)
})
