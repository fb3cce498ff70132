import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

interface Roles {
  roles: Record<(typeof roleColumns)[number], string>
  tenant_roles: Record<(typeof roleColumns)[number] | 'tenant', string>
  role_assignments: Record<(typeof assignmentColumns)[number], string>
  tenant_role_assignments: Record<(typeof assignmentColumns)[number] | 'tenant', string>
}

const roleColumns = ['name', 'inherits', 'permissions', 'description', 'created_at'] as const
const assignmentColumns = ['kind', 'issuer', 'holder', 'role', 'created_at'] as const

/** Roles, and who holds them, belong to a tenant. Those that are there belong to none. */
export const tenantRoles: Migration = {
  async up(db: Kysely<Roles>) {
    // The key of a table cannot be changed on SQLite: two tenants may have roles of one name.
    await db.schema
      .createTable('tenant_roles')
      .addColumn('tenant', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('inherits', 'text', (column) => column.notNull())
      .addColumn('permissions', 'text', (column) => column.notNull())
      .addColumn('description', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('tenant_roles_key', ['tenant', 'name'])
      .execute()
    await db
      .insertInto('tenant_roles')
      .columns([...roleColumns])
      .expression((query) => query.selectFrom('roles').select([...roleColumns]))
      .execute()
    await db.schema.dropTable('roles').execute()
    await db.schema.alterTable('tenant_roles').renameTo('roles').execute()
    await db.schema
      .createTable('tenant_role_assignments')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('issuer', 'text', (column) => column.notNull())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('tenant_role_assignments_key', ['kind', 'issuer', 'holder', 'tenant', 'role'])
      .execute()
    await db
      .insertInto('tenant_role_assignments')
      .columns([...assignmentColumns])
      .expression((query) => query.selectFrom('role_assignments').select([...assignmentColumns]))
      .execute()
    await db.schema.dropTable('role_assignments').execute()
    await db.schema.alterTable('tenant_role_assignments').renameTo('role_assignments').execute()
    await db.schema.createIndex('role_assignments_role').on('role_assignments').columns(['tenant', 'role']).execute()
  },
}
