import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { describePeopleStore } from '../../test/contracts/people-store.ts'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { createMailStore } from '../stores/mail-store.ts'
import { openPostgresStore } from '../stores/postgres/postgres-store.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import type { Store } from '../stores/store.ts'
import { createPeopleStore } from './people-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-people-'))
after(() => rmSync(folder, { recursive: true }))

function describePeople(name: string, open: () => Promise<Store>): void {
  test(`a token makes one account, on ${name}, and of two takers one has its mail`, async () => {
    const store = await open()
    const people = createPeopleStore(store.db)
    const mails = createMailStore(store.db)
    const token = { kind: 'SignUp', digest: 'd', payload: 'p', grant: null, uid: null, userCode: null, expiresAt: 1000 }
    await people.ask(token, { id: 'm', payload: 'p', at: 0, expiresAt: 1000 })
    const account = (id: string, createdAt: number) => ({
      ...{ id, tenant: null, username: `${id}@orchard.test`, passwordHash: null },
      ...{ roles: [], scopes: [], attributes: {}, createdAt },
    })
    assert.equal(await people.signUp(token, account('late', 1000)), 'ended')
    const both = await Promise.all([people.signUp(token, account('a', 5)), people.signUp(token, account('b', 5))])
    assert.deepEqual(both.sort(), ['done', 'ended'])
    assert.equal((await store.accounts.list({ limit: 9 })).length, 1)
    const taken = await Promise.all([mails.take(1, 100, 5), mails.take(1, 100, 5)])
    assert.deepEqual(
      taken.flat().map(({ id, attempts }) => [id, attempts]),
      [['m', 1]],
    )
    assert.equal((await mails.take(101, 100, 5))[0]?.attempts, 2)
    await store.close()
  })
}

let count = 0
const openSqlite = () => openSqliteStore({ path: join(folder, `${count++}.db`) })
describePeople('SQLite', openSqlite)
describePeopleStore('SQLite', openSqlite)

describe('people', () => {
  describeOnPostgres('PostgreSQL', (server) => {
    const open = async () => openPostgresStore({ url: await server().createDatabase() })
    describePeople('PostgreSQL', open)
    describePeopleStore('PostgreSQL', open)
  })
})
