import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a factor is found by where nobody was named yet. */
export const passkeys: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('factors').addColumn('handle', 'text').execute()
    await db.schema
      .createIndex('factors_handle')
      .unique()
      .on('factors')
      .column('handle')
      .where('handle' as never, 'is not', null)
      .execute()
  },
}
