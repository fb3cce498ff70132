import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const artefacts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('artefacts')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('grant', 'text')
      .addColumn('uid', 'text')
      .addColumn('user_code', 'text')
      .addColumn('expires_at', 'bigint')
      .addColumn('consumed_at', 'bigint')
      .addPrimaryKeyConstraint('artefacts_key', ['kind', 'digest'])
      .execute()
    // Most have only one of these, so that the indexes hold no more than what is looked for.
    for (const column of ['grant', 'uid', 'user_code', 'expires_at'] as const) {
      await db.schema
        .createIndex(`artefacts_${column}`)
        .on('artefacts')
        .column(column)
        .where(column as never, 'is not', null)
        .execute()
    }
  },
}
