import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations/index.ts'
import { StoreError } from './ports/store-error.ts'
import type { Tables } from './schema.ts'

const migrationTable = 'portcullis_migrations'

export interface MigrationState {
  readonly name: string
  /** `unknown`: a newer version of this program has run it. */
  readonly state: 'done' | 'waiting' | 'unknown'
}

/**
 * Brings the tables up to what this program expects. Several processes may do so at once: one migrates, the others
 * find it done. Throws where a newer program has been here, because this one would misread its tables.
 * @returns the names of those that it ran
 */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const done = await readMigrations(db)
  const unknown = done.find((name) => !Object.hasOwn(migrations, name))
  if (unknown !== undefined) {
    throw new StoreError('unusable', `the store was written by a newer version of Portcullis (it has "${unknown}")`)
  }
  // Most starts end here and need no write lock.
  if (done.length === Object.keys(migrations).length) return []
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: migrationTable,
    migrationLockTableName: `${migrationTable}_lock`,
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** Every migration, in the order in which they run; then those that only a newer program knows. */
export async function listMigrations(db: Kysely<Tables>): Promise<MigrationState[]> {
  const done = await readMigrations(db)
  const known = Object.keys(migrations)
  return [
    ...known.map((name) => ({ name, state: done.includes(name) ? ('done' as const) : ('waiting' as const) })),
    ...done.filter((name) => !known.includes(name)).map((name) => ({ name, state: 'unknown' as const })),
  ]
}

async function readMigrations(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === migrationTable)) return []
  const rows = await db
    .withTables<{ [migrationTable]: { name: string } }>()
    .selectFrom(migrationTable)
    .select('name')
    .execute()
  return rows.map(({ name }) => name)
}
