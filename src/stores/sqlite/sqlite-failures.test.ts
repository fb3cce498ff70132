import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely } from 'kysely'
import { newKey } from '../../../test/contracts/key-store.ts'
import { createKeyStore } from '../key-store.ts'
import { migrate } from '../migrate.ts'
import { StoreError, type StoreFailure } from '../ports/store-error.ts'
import type { Tables } from '../schema.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'
import { SqliteFile } from './sqlite-file.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-failures-'))
const opened: { close(): void }[] = []
let count = 0

after(() => {
  for (const one of opened) one.close()
  rmSync(folder, { recursive: true })
})

function nextPath(): string {
  const parent = join(folder, String(count++))
  mkdirSync(parent)
  return join(parent, 'portcullis.db')
}

async function openStore(path: string) {
  const store = await openSqliteStore({ path, lockTimeoutMs: 300 })
  opened.push(store)
  return store
}

/** Fails at once and tries again at once, so that tests need not wait. */
function openReader(path: string) {
  const reader = openSqliteReader({ path, retryAfterMs: 0 })
  opened.push(reader)
  return reader
}

/** A connection of another program. */
function openStranger(path: string): DatabaseSync {
  const stranger = new DatabaseSync(path)
  opened.push({ close: () => stranger.isOpen && stranger.close() })
  return stranger
}

function is(failure: StoreFailure, hint: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StoreError, String(error))
    assert.equal(error.failure, failure, error.message)
    assert.match(error.message, hint)
    return true
  }
}

function runChild(code: string): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  opened.push({ close: () => child.kill('SIGKILL') })
  return child
}

const storeModule = JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href)

test('a missing file is said to be missing, is not made by a look-up, and is taken up when it appears', async () => {
  const path = nextPath()
  const reader = openReader(path)
  assert.throws(() => reader.keys.find('a'), is('missing', /missing/))
  assert.equal(existsSync(path), false)
  const store = await openStore(path)
  const key = newKey()
  await store.keys.create(key)
  assert.ok(reader.keys.find(key.id))
})

test('a file that is removed while it is open is noticed, by the reader and by the writer', async () => {
  const path = nextPath()
  const store = await openStore(path)
  const reader = openReader(path)
  const key = newKey()
  await store.keys.create(key)
  assert.ok(reader.keys.find(key.id))
  for (const suffix of ['', '-wal', '-shm']) renameSync(path + suffix, `${path}.away${suffix}`)
  await sleep(150)
  assert.throws(() => reader.keys.find(key.id), is('missing', /missing/))
  assert.throws(() => reader.changes.position(), is('missing', /missing/))
  await assert.rejects(store.keys.create(newKey()), is('missing', /missing/))
  assert.equal(existsSync(path), false)
  for (const suffix of ['', '-wal', '-shm']) renameSync(`${path}.away${suffix}`, path + suffix)
  assert.ok(reader.keys.find(key.id))
  assert.equal(await store.keys.revoke(key.id, 1), 'revoked')
})

test('a file that was put in the place of another is another position of the log, and its keys are the ones that count', async () => {
  const path = nextPath()
  const store = await openStore(path)
  const backup = nextPath()
  await openStore(backup).then((other) => other.close())
  const reader = openReader(path)
  const key = newKey()
  await store.keys.create(key)
  assert.ok(reader.keys.find(key.id))
  const before = reader.changes.position()
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix)
  renameSync(backup, path)
  await sleep(150)
  assert.notEqual(reader.changes.position(), before)
  assert.equal(reader.keys.find(key.id), null)
  assert.equal(await store.keys.find(key.id), null)
})

test('what is no database is refused, whole or cut off, and a restored file is taken up', async () => {
  const path = nextPath()
  writeFileSync(path, 'these are the notes of a meeting, not a database\n'.repeat(200))
  await assert.rejects(openSqliteStore({ path, lockTimeoutMs: 50 }), is('unusable', /corrupt or not a Portcullis/))
  const reader = openReader(path)
  assert.throws(() => reader.keys.find('a'), is('unusable', /restore it from a backup/))

  const good = nextPath()
  const store = await openSqliteStore({ path: good })
  const keys = Array.from({ length: 200 }, () => newKey({ name: 'x'.repeat(300) }))
  for (const key of keys) await store.keys.create(key)
  store.close()
  copyFileSync(good, path)
  for (const key of keys) assert.ok(reader.keys.find(key.id))

  const whole = readFileSync(path)
  truncateSync(path, 9000)
  assert.throws(() => keys.map((key) => reader.keys.find(key.id)), is('unusable', /corrupt/))
  writeFileSync(path, whole)
  assert.ok(reader.keys.find(keys[0]?.id as string))
})

test('a page of noise in the middle of the file is an error, never a key that is not there', async () => {
  const path = nextPath()
  const store = await openSqliteStore({ path })
  const keys = Array.from({ length: 300 }, () => newKey({ name: 'x'.repeat(300) }))
  for (const key of keys) await store.keys.create(key)
  store.close()
  const bytes = readFileSync(path)
  // All but the page that holds the schema.
  for (let at = 4096; at < bytes.length; at++) bytes[at] = (at * 31) & 0xff
  writeFileSync(path, bytes)
  const reader = openReader(path)
  for (const key of keys) assert.throws(() => reader.keys.find(key.id), is('unusable', /corrupt/))
})

test('a damaged row is an error, not a key without restrictions', async () => {
  const path = nextPath()
  const store = await openStore(path)
  const reader = openReader(path)
  const stranger = openStranger(path)
  for (const [column, value] of [
    ['cidrs', ''],
    ['roles', '{"admin":true}'],
    ['scopes', '[1]'],
    ['expires_at', 'never'],
    ['revoked_at', ''],
  ]) {
    const key = newKey({ expiresAt: 1 })
    await store.keys.create(key)
    stranger.prepare(`update api_keys set ${column} = ? where id = ?`).run(value as string, key.id)
    assert.throws(() => reader.keys.find(key.id), is('unusable', new RegExp(`${key.id} is damaged`)))
  }
})

test('a locked file: readers go on while another process writes, writers wait without blocking and then say so', async () => {
  const path = nextPath()
  const store = await openStore(path)
  const reader = openReader(path)
  const key = newKey()
  await store.keys.create(key)
  const stranger = openStranger(path)
  stranger.exec('begin immediate')
  assert.ok(reader.keys.find(key.id))
  let turns = 0
  const timer = setInterval(() => turns++, 10)
  await assert.rejects(store.keys.revoke(key.id, 1), is('locked', /locked by another process/))
  clearInterval(timer)
  assert.ok(turns > 10, `the thread had ${turns} turns while the writer waited`)
  setTimeout(() => stranger.exec('rollback'), 50)
  assert.equal(await store.keys.revoke(key.id, 1), 'revoked')
})

test('a file that another process holds for itself alone refuses look-ups, quickly, until it is let go', async () => {
  const path = nextPath()
  const store = await openSqliteStore({ path })
  const key = newKey()
  await store.keys.create(key)
  store.close()
  const stranger = openStranger(path)
  stranger.exec('pragma locking_mode = exclusive; begin immediate')
  const reader = openSqliteReader({ path, busyTimeoutMs: 20, retryAfterMs: 200 })
  opened.push(reader)
  const start = performance.now()
  for (let i = 0; i < 1000; i++) assert.throws(() => reader.keys.find(key.id), is('locked', /locked/))
  assert.ok(performance.now() - start < 1000, 'each look-up waited for the lock')
  stranger.close()
  await sleep(220)
  assert.ok(reader.keys.find(key.id))
})

test('a full database says so, keeps what it has, and goes on when there is room again', async () => {
  const path = nextPath()
  const file = new SqliteFile({ path, readOnly: false, busyTimeoutMs: 0 })
  opened.push(file)
  writeFileSync(path, '')
  const db = new Kysely<Tables>({ dialect: createSqliteDialect(file, 100) })
  await migrate(db)
  const keys = createKeyStore(db)
  const first = newKey()
  await keys.create(first)
  const [{ page_count: pages }] = file.run('pragma page_count', []).rows as [{ page_count: number }]
  file.run(`pragma max_page_count = ${pages}`, [])
  const large = newKey({ name: 'x'.repeat(100_000) })
  await assert.rejects(keys.create(large), is('full', /the disk is full/))
  await assert.rejects(keys.create(large), is('full', /the disk is full/))
  assert.ok(await keys.find(first.id))
  assert.equal(await keys.find(large.id), null)
  assert.equal(await keys.revoke(first.id, 1), 'revoked')
  file.run('pragma max_page_count = 1000000', [])
  await keys.create(large)
  assert.ok(await keys.find(large.id))
})

test('a reader cannot write', async () => {
  const path = nextPath()
  await openStore(path)
  const file = new SqliteFile({ path, readOnly: true, busyTimeoutMs: 0 })
  opened.push(file)
  assert.throws(() => file.run('delete from api_keys', []), is('readonly', /may not be written/))
})

test('a path that cannot hold a file is an error with the path in it', async () => {
  const parent = nextPath()
  writeFileSync(parent, '')
  const path = join(parent, 'portcullis.db')
  await assert.rejects(openSqliteStore({ path }), is('unusable', /does not name a file/))
  await assert.rejects(openSqliteStore({ path: folder }), is('unusable', /does not name a file/))
})

test('a database of a newer version is left alone', async () => {
  const path = nextPath()
  const store = await openStore(path)
  store.close()
  const stranger = openStranger(path)
  stranger.exec(`insert into portcullis_migrations values ('9999-from-the-future', '2100-01-01T00:00:00.000Z')`)
  await assert.rejects(openSqliteStore({ path }), is('unusable', /newer version/))
})

test('processes that start at once on a new file migrate it once, and all can use it', {
  timeout: 60_000,
}, async () => {
  const path = nextPath()
  const code = (name: string) => `
    import { openSqliteStore } from ${storeModule}
    const store = await openSqliteStore({ path: ${JSON.stringify(path)} })
    await store.keys.create({ id: '${name}', owner: 'shop', name: null, tenant: null, roles: [], scopes: [], cidrs: [],
      createdAt: 1, expiresAt: null, digest: '${name}' })
    store.close()`
  const names = ['one', 'two', 'three', 'four', 'five', 'six']
  const exits = await Promise.all(names.map((name) => once(runChild(code(name)), 'exit')))
  assert.deepEqual(
    exits.map(([exit]) => exit),
    names.map(() => 0),
  )
  const store = await openStore(path)
  assert.equal((await store.keys.list({ limit: 10 })).length, names.length)
})

test('kill -9 in the middle of writes leaves a usable file with every key that was confirmed', {
  timeout: 60_000,
}, async () => {
  const path = nextPath()
  const child = runChild(`
    import { openSqliteStore } from ${storeModule}
    const store = await openSqliteStore({ path: ${JSON.stringify(path)} })
    for (let i = 0; ; i++) {
      await store.keys.create({ id: 'key' + i, owner: 'shop', name: null, tenant: null, roles: [], scopes: [], cidrs: [],
        createdAt: 1, expiresAt: null, digest: 'digest' + i })
      if (i % 3 === 0) await store.keys.revoke('key' + i, 2)
      process.stdout.write(i + '\\n')
    }`)
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.includes('\n50\n')) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const confirmed = output.split('\n').slice(0, -1)
  assert.ok(confirmed.length > 50)
  const store = await openStore(path)
  for (const i of confirmed) {
    const key = await store.keys.find(`key${i}`)
    assert.equal(key?.revokedAt, Number(i) % 3 === 0 ? 2 : null)
    assert.equal(key?.secrets.length, 1)
  }
  const stranger = openStranger(path)
  assert.deepEqual({ ...stranger.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' })
  await store.keys.create(newKey())
})
