import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { newKey } from '../../../test/contracts/key-store.ts'
import { findFreePort } from '../../../test/support/free-port.ts'
import { describeOnPostgres } from '../../../test/support/postgres.ts'
import { StoreError, type StoreFailure } from '../ports/store-error.ts'
import { openPostgresReader, openPostgresStore, type PostgresOptions } from './postgres-store.ts'

const opened: { close(): unknown }[] = []

const failsAs = (failure: StoreFailure, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreError, String(error))
  assert.equal(error.failure, failure, error.message)
  assert.match(error.message, message)
  return true
}

async function timed(work: Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work
  return performance.now() - start
}

test('nobody who listens: it is said where, without the password, and soon', async () => {
  const port = await findFreePort()
  const opening = openPostgresStore({ url: `postgres://shop:hunter2@127.0.0.1:${port}/shop` })
  await assert.rejects(opening, (error: unknown) => {
    assert.doesNotMatch(String((error as Error).stack), /hunter2/)
    return failsAs('unreachable', new RegExp(`127.0.0.1:${port}/shop\\) cannot be reached.*ECONNREFUSED`))(error)
  })
})

describeOnPostgres('PostgreSQL that fails', (server) => {
  after(() => Promise.all(opened.map((one) => one.close())))

  async function openAll(options: Partial<PostgresOptions> = {}) {
    const url = await server().createDatabase()
    const store = await openPostgresStore({ url, ...options })
    const reader = openPostgresReader({ url, ...options })
    opened.push(store, reader)
    const key = newKey()
    await store.keys.create(key)
    assert.ok(await reader.keys.find(key.id))
    return { url, store, reader, key }
  }

  async function connect(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    opened.push({ close: () => client.end() })
    await client.connect()
    return client
  }

  test('killed and started again: calls fail at once, and work again without a restart of ours', {
    timeout: 60_000,
  }, async () => {
    const { store, reader, key } = await openAll()
    const before = await store.changes.position()
    await server().halt()
    await assert.rejects(Promise.resolve(reader.keys.find(key.id)), failsAs('unreachable', /cannot be reached/))
    await assert.rejects(store.keys.revoke(key.id, 1), failsAs('unreachable', /cannot be reached/))
    await assert.rejects(Promise.resolve(store.changes.position()), failsAs('unreachable', /cannot be reached/))
    const took = await timed(Promise.allSettled(Array.from({ length: 200 }, async () => reader.keys.find(key.id))))
    assert.ok(took < 1000, `${took} ms`)
    await server().start()
    await sleep(300)
    assert.equal((await reader.keys.find(key.id))?.revokedAt, null)
    // What was put in place meanwhile nobody knows.
    assert.notEqual(await store.changes.position(), before)
    assert.equal(await store.keys.revoke(key.id, 1), 'revoked')
  })

  test('connections that the server ends are replaced, and a look-up does not notice', async () => {
    const { reader, key } = await openAll()
    await server().run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portcullis'`)
    assert.equal((await reader.keys.find(key.id))?.id, key.id)
  })

  test('a connection that ends while it is held, between statements or within one, fails its call and nothing else', async () => {
    const { store, reader, key } = await openAll()
    const endAll = () =>
      server().run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portcullis'`)
    await assert.rejects(
      store.db.transaction().execute(async (transaction) => {
        await transaction.selectFrom('api_keys').select('id').execute()
        await endAll()
        // The end is heard of while nothing is asked.
        await sleep(100)
        await transaction.selectFrom('api_keys').select('id').execute()
      }),
      StoreError,
    )
    const slow = sql`select pg_sleep(20)`.execute(store.db)
    await Promise.all([assert.rejects(slow, StoreError), sleep(100).then(endAll)])
    assert.equal((await reader.keys.find(key.id))?.id, key.id)
    assert.equal(await store.keys.revoke(key.id, 1), 'revoked')
  })

  test('a locked table is waited for so long and no longer', { timeout: 30_000 }, async () => {
    const { url, store, reader, key } = await openAll({ statementTimeoutMs: 500 })
    const holder = await connect(url)
    await holder.query('begin; lock table api_keys in access exclusive mode')
    const took = await timed(
      Promise.all([
        assert.rejects(Promise.resolve(reader.keys.find(key.id)), failsAs('locked', /locked by another transaction/)),
        assert.rejects(store.keys.revoke(key.id, 1), failsAs('locked', /locked by another transaction/)),
      ]),
    )
    assert.ok(took < 2000, `${took} ms`)
    await holder.query('rollback')
    assert.equal(await store.keys.revoke(key.id, 1), 'revoked')
  })

  test('a slow statement is ended by the server', { timeout: 30_000 }, async () => {
    const { url, store } = await openAll({ statementTimeoutMs: 500 })
    await server().run(
      `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
       create trigger slow before insert on api_keys for each row execute function slow()`,
      url,
    )
    const took = await timed(assert.rejects(store.keys.create(newKey()), failsAs('timeout', /took too long/)))
    assert.ok(took < 2000, `${took} ms`)
    assert.equal((await store.keys.list({ limit: 9 })).length, 1)
  })

  test('a server that is there and says nothing is not waited for, and its late answer is nobody else’s', {
    timeout: 30_000,
  }, async () => {
    const { reader, key, url } = await openAll({ statementTimeoutMs: 300, maxConnections: 2 })
    const database = url.slice(url.lastIndexOf('/') + 1)
    const rows = await server().run<{ pid: number }>(`select pid from pg_stat_activity where datname = '${database}'`)
    for (const { pid } of rows) process.kill(pid, 'SIGSTOP')
    try {
      const took = await timed(
        assert.rejects(Promise.resolve(reader.keys.find(key.id)), failsAs('timeout', /took too long/)),
      )
      assert.ok(took < 3000, `${took} ms`)
      assert.equal(await reader.keys.find('none'), null)
    } finally {
      for (const { pid } of rows) process.kill(pid, 'SIGCONT')
    }
    assert.equal((await reader.keys.find(key.id))?.id, key.id)
  })

  test('calls that wait for a connection are bounded', { timeout: 30_000 }, async () => {
    const { url, reader, key } = await openAll({ statementTimeoutMs: 1000, maxConnections: 1 })
    const holder = await connect(url)
    await holder.query('begin; lock table api_keys in access exclusive mode')
    const results = await Promise.allSettled(Array.from({ length: 700 }, async () => reader.keys.find(key.id)))
    await holder.query('rollback')
    const overloaded = results.filter((one) => one.status === 'rejected' && one.reason.failure === 'overloaded')
    assert.ok(overloaded.length >= 150, `${overloaded.length}`)
    assert.equal((await reader.keys.find(key.id))?.id, key.id)
  })

  test('a full disk, as the server reports it, says so, and nothing is half written', async () => {
    const { url, store } = await openAll()
    await server().run(
      `create function full_disk() returns trigger language plpgsql as $$ begin
         raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
       create trigger full_disk before insert on api_key_secrets for each row execute function full_disk()`,
      url,
    )
    const key = newKey()
    await assert.rejects(store.keys.create(key), failsAs('full', /its disk is full/))
    await server().run('drop trigger full_disk on api_key_secrets', url)
    assert.equal(await store.keys.find(key.id), null)
    await store.keys.create(key)
  })

  test('a replica, which may only be read', async () => {
    const { url, store, key } = await openAll()
    const name = url.slice(url.lastIndexOf('/') + 1)
    await server().run(`alter database ${name} set default_transaction_read_only = on`)
    await server().run(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    await sleep(300)
    await store.keys.find(key.id).catch(() => {})
    await assert.rejects(store.keys.revoke(key.id, 1), failsAs('readonly', /may not be written/))
  })

  test('no such database, and a user that is refused', async () => {
    const { port } = server()
    await assert.rejects(
      openPostgresStore({ url: `postgres://tester@127.0.0.1:${port}/nowhere` }),
      failsAs('missing', /create the database/),
    )
    await assert.rejects(
      openPostgresStore({ url: `postgres://stranger@127.0.0.1:${port}/postgres` }),
      failsAs('unreachable', /refuses this user/),
    )
  })

  test('damaged rows and lost tables are errors, not keys without restrictions', async () => {
    const { url, reader, store, key } = await openAll()
    await server().run(`update api_keys set cidrs = 'nonsense' where id = '${key.id}'`, url)
    await assert.rejects(Promise.resolve(reader.keys.find(key.id)), failsAs('unusable', /is damaged/))
    await server().run(`update api_keys set cidrs = '[]', expires_at = 9007199254740993`, url)
    await assert.rejects(store.keys.find(key.id), failsAs('unusable', /is damaged/))
    await server().run('delete from change_position', url)
    await assert.rejects(Promise.resolve(store.changes.position()), failsAs('unusable', /lost its change log/))
    await server().run('drop table api_key_secrets', url)
    await assert.rejects(Promise.resolve(reader.keys.find(key.id)), failsAs('unusable', /portcullis migrate/))
  })
})
