import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { describeClientStore } from '../../test/contracts/client-store.ts'
import { describeFactorStore } from '../../test/contracts/factor-store.ts'
import { describeSigningKeyStore } from '../../test/contracts/signing-key-store.ts'
import { describeOnPostgres } from '../../test/support/postgres.ts'
import { createClientLookup } from './client-rows.ts'
import { createClientStore } from './client-store.ts'
import { addFactor, createFactorLookup, createFactorStore } from './factor-store.ts'
import type { NewFactor } from './ports/factor-store.ts'
import { openPostgresReader, openPostgresStore } from './postgres/postgres-store.ts'
import { createSigningKeyLookup, createSigningKeyStore } from './signing-key-store.ts'
import { openSqliteReader } from './sqlite/sqlite-reader.ts'
import { openSqliteStore } from './sqlite/sqlite-store.ts'
import type { Store, StoreReader } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-identity-stores-'))
const opened: { close(): unknown }[] = []
let count = 0

after(async () => {
  for (const one of opened) await one.close()
  rmSync(folder, { recursive: true })
})

interface Opened {
  readonly store: Store
  readonly second: Store
  readonly reader: StoreReader
}

const toClients = ({ store, second, reader }: Opened) => ({
  clients: createClientStore(store.db),
  other: createClientStore(second.db),
  lookup: createClientLookup(reader.db, reader.read),
})
const toKeys = ({ store, second, reader }: Opened) => ({
  keys: createSigningKeyStore(store.db),
  other: createSigningKeyStore(second.db),
  lookup: createSigningKeyLookup(reader.db, reader.read),
  changes: reader.changes,
})

const toFactors = ({ store, second, reader }: Opened) => ({
  factors: createFactorStore(store.db),
  other: createFactorStore(second.db),
  lookup: createFactorLookup(reader.db, reader.read),
  accounts: store.accounts,
  add: (factor: NewFactor) => addFactor(store.db, factor),
})

async function openSqlite(): Promise<Opened> {
  const path = join(folder, `${count++}.db`)
  const [store, second] = [await openSqliteStore({ path }), await openSqliteStore({ path })]
  const reader = openSqliteReader({ path })
  opened.push(store, second, reader)
  return { store, second, reader }
}

describeClientStore('SQLite', async () => toClients(await openSqlite()))
describeSigningKeyStore('SQLite', async () => toKeys(await openSqlite()))
describeFactorStore('SQLite', async () => toFactors(await openSqlite()))

describeOnPostgres('PostgreSQL', (server) => {
  after(() => Promise.all(opened.splice(0).map((one) => one.close())))

  async function open(): Promise<Opened> {
    const url = await server().createDatabase()
    const [store, second] = [await openPostgresStore({ url }), await openPostgresStore({ url })]
    const reader = openPostgresReader({ url, maxConnections: 2 })
    opened.push(store, second, reader)
    return { store, second, reader }
  }

  describeClientStore('PostgreSQL', async () => toClients(await open()))
  describeSigningKeyStore('PostgreSQL', async () => toKeys(await open()))
  describeFactorStore('PostgreSQL', async () => toFactors(await open()))
})
