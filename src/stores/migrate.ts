import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations/index.ts'
import { StoreError } from './ports/store-error.ts'
import type { Tables } from './schema.ts'

const migrationTable = 'portcullis_migrations'

/**
 * Brings the tables up to what this program expects. Several processes may do so at once: one migrates, the others
 * find it done. Throws where a newer program has been here, because this one would misread its tables.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const done = await readMigrations(db)
  const unknown = done.find((name) => !Object.hasOwn(migrations, name))
  if (unknown !== undefined) {
    throw new StoreError('unusable', `the store was written by a newer version of Portcullis (it has "${unknown}")`)
  }
  // Most starts end here and need no write lock.
  if (done.length === Object.keys(migrations).length) return
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: migrationTable,
    migrationLockTableName: `${migrationTable}_lock`,
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
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
