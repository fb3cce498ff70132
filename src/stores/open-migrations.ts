import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Kysely } from 'kysely'
import { listMigrations, type MigrationState, migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import type { Tables } from './schema.ts'
import { prepareSqliteFile } from './sqlite/prepare-file.ts'
import { createSqliteDialect } from './sqlite/sqlite-dialect.ts'
import { SqliteFile } from './sqlite/sqlite-file.ts'
import { toStoreError } from './sqlite/to-store-error.ts'
import type { StoreLocation } from './store.ts'

/** A store's migrations, for whoever looks before they run. Everything rejects with a `StoreError`. */
export interface Migrations {
  list(): Promise<MigrationState[]>
  /** Runs those that wait, and returns their names. */
  run(): Promise<string[]>
  close(): Promise<void>
}

const lockTimeoutMs = 60_000

/** Opens the store without changing it. */
export async function openMigrations(location: StoreLocation): Promise<Migrations> {
  if (location.kind === 'sqlite') return openSqliteMigrations(resolve(location.path))
  const { openPostgresTables } = await import('./postgres/postgres-store.ts')
  const db = openPostgresTables(location.url)
  return { list: () => listMigrations(db), run: () => migrate(db), close: () => db.destroy() }
}

function openSqliteMigrations(path: string): Migrations {
  let file: SqliteFile | null = null
  async function use<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    file ??= new SqliteFile({ path, readOnly: false, busyTimeoutMs: 0 })
    try {
      return await work(new Kysely<Tables>({ dialect: createSqliteDialect(file, lockTimeoutMs) }))
    } catch (error) {
      throw toStoreError(error, path)
    }
  }
  return {
    async list() {
      if (existsSync(path)) return use(listMigrations)
      return Object.keys(migrations).map((name) => ({ name, state: 'waiting' }))
    },
    async run() {
      await prepareSqliteFile(path, lockTimeoutMs)
      return use(migrate)
    },
    close: async () => file?.close(),
  }
}
