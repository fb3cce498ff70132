import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Kysely } from 'kysely'
import { newClient } from '../../test/contracts/client-store.ts'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { createClientStore } from '../stores/client-store.ts'
import { openPostgresStore } from '../stores/postgres/postgres-store.ts'
import type { Tables } from '../stores/schema.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import type { Store } from '../stores/store.ts'
import { createRegistrationStore, inviteClients } from './registration-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-registration-'))
const opened: Store[] = []
let count = 0
after(async () => {
  for (const store of opened) await store.close()
  rmSync(folder, { recursive: true })
})

async function openTwo(open: () => Promise<Store>) {
  const [one, other] = [await open(), await open()]
  opened.push(one, other)
  return { one: one.db, other: other.db }
}

const now = 1_800_000_000_000
const hour = 3_600_000

/** `open` gives two connections to one database, for each test. */
function describeInvitations(
  database: string,
  open: () => Promise<{ readonly one: Kysely<Tables>; readonly other: Kysely<Tables> }>,
): void {
  describe(`invitations of clients on ${database}`, () => {
    const invite = (db: Kysely<Tables>, digest: string, uses: number) =>
      inviteClients(db, 'a test', { digest, uses, createdAt: now, expiresAt: now + hour })
    const client = (id: string, createdAt = now) => newClient({ id, createdAt })

    test('an invitation makes as many clients as it has uses, whoever comes first', async () => {
      const { one, other } = await open()
      await invite(one, 'd1', 3)
      const stores = [createRegistrationStore(one), createRegistrationStore(other)]
      assert.equal(await stores[1]?.isOpen('d1', now), true)
      const all = await Promise.all(Array.from({ length: 8 }, (_, i) => stores[i % 2]?.register('d1', client(`c${i}`))))
      assert.equal(all.filter((result) => result === 'registered').length, 3)
      assert.equal(await stores[0]?.isOpen('d1', now), false)
      assert.equal((await createClientStore(one).list({ limit: 10 })).length, 3)
    })

    test('one that is not there or over makes none, and one that made none is not used up', async () => {
      const { one } = await open()
      const store = createRegistrationStore(one)
      await invite(one, 'd1', 1)
      assert.equal(await store.register('d2', client('a')), 'refused')
      assert.equal(await store.isOpen('d1', now + hour), false)
      assert.equal(await store.register('d1', client('a', now + hour)), 'refused')
      await createClientStore(one).create(client('taken'))
      await assert.rejects(store.register('d1', client('taken')))
      assert.equal(await store.register('d1', client('a')), 'registered')
      // Those that have ended go when another one comes.
      await inviteClients(one, 'a test', { digest: 'd3', uses: 1, createdAt: now + hour, expiresAt: now + 2 * hour })
      const left = await one.selectFrom('client_invitations').select('digest').execute()
      assert.deepEqual(
        left.map(({ digest }) => digest),
        ['d3'],
      )
    })
  })
}

describeInvitations('SQLite', () => {
  const path = join(folder, `${count++}.db`)
  return openTwo(() => openSqliteStore({ path }))
})

describeOnPostgres('PostgreSQL', (server) => {
  after(() => Promise.all(opened.splice(0).map((store) => store.close())))
  describeInvitations('PostgreSQL', async () => {
    const url = await server().createDatabase()
    return openTwo(() => openPostgresStore({ url }))
  })
})
