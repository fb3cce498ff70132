import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const roles: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('roles')
      .addColumn('name', 'text', (column) => column.notNull().primaryKey())
      .addColumn('inherits', 'text', (column) => column.notNull())
      .addColumn('permissions', 'text', (column) => column.notNull())
      .addColumn('description', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    // A role may be of the policy file, which the store does not know: no reference to `roles`.
    await db.schema
      .createTable('role_assignments')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('issuer', 'text', (column) => column.notNull())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('role_assignments_key', ['kind', 'issuer', 'holder', 'role'])
      .execute()
    await db.schema.createIndex('role_assignments_role').on('role_assignments').columns(['role']).execute()
  },
}
