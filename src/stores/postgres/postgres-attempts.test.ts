import { after } from 'node:test'
import { describeAttemptStore } from '../../../test/contracts/attempt-store.ts'
import { describeOnPostgres } from '../../../test/support/postgres.ts'
import { createAttemptStore } from '../attempt-store.ts'
import { openPostgresStore } from './postgres-store.ts'

const opened: { close(): unknown }[] = []

describeOnPostgres('PostgreSQL', (server) => {
  after(() => Promise.all(opened.map((one) => one.close())))

  describeAttemptStore('PostgreSQL', async () => {
    const url = await server().createDatabase()
    const store = await openPostgresStore({ url, maxConnections: 3 })
    const other = await openPostgresStore({ url, maxConnections: 3 })
    opened.push(store, other)
    return { attempts: createAttemptStore(store.db), other: createAttemptStore(other.db), db: store.db }
  })
})
