import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const revocations: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('revocations')
      .addColumn('issuer', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('revoked_at', 'bigint', (column) => column.notNull())
      .addColumn('issued_until', 'bigint')
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('reason', 'text')
      // A look-up knows three values and wants the rows of any of them, whatever their kind.
      .addPrimaryKeyConstraint('revocations_key', ['issuer', 'value', 'kind'])
      .execute()
    await db.schema.createIndex('revocations_end').on('revocations').column('ends_at').execute()
  },
}
