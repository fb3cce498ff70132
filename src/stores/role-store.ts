import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import {
  type AssignmentPage,
  maxStoredRoles,
  maxTenantRoles,
  type RoleAssignment,
  type RoleHolder,
  type RoleRecord,
  type RoleStore,
} from './ports/role-store.ts'
import { StoreError } from './ports/store-error.ts'
import { toAssignment, toRoleRecord } from './role-rows.ts'
import type { Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Roles and their holders on any database that Kysely speaks to. */
export function createRoleStore(db: Kysely<Tables>): RoleStore {
  return {
    roles: (tenant) => listRoles(db, tenant),
    create: (role) => inTransaction(db, (transaction) => createRole(transaction, role)),
    remove: (name, now, tenant) => inTransaction(db, (transaction) => removeRole(transaction, name, now, tenant)),
    assignments: (page) => listAssignments(db, page),
    grant: (assignment) => inTransaction(db, (transaction) => grant(transaction, assignment)),
    revoke: (holder, role, now, tenant) =>
      inTransaction(db, (transaction) => revoke(transaction, holder, role, now, tenant)),
  }
}

async function listRoles(db: Kysely<Tables>, tenant = ''): Promise<RoleRecord[]> {
  if (!isStorable(tenant)) return []
  const rows = await db
    .selectFrom('roles')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('name')
    .limit(maxStoredRoles)
    .execute()
  return rows.map(toRoleRecord)
}

async function createRole(transaction: Kysely<Tables>, role: RoleRecord): Promise<void> {
  const { tenant = '', name, inherits, permissions, description, createdAt } = role
  const { count } = await transaction
    .selectFrom('roles')
    .select((select) => select.fn.countAll().as('count'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow()
  const most = tenant === '' ? maxStoredRoles : maxTenantRoles
  if (Number(count) >= most) throw new StoreError('full', `the store holds ${most} roles${of(tenant)} already`)
  const known = await transaction
    .selectFrom('roles')
    .select('name')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst()
  if (known !== undefined) throw new StoreError('conflict', `there is a role "${name}"${of(tenant)} already`)
  await transaction
    .insertInto('roles')
    .values({
      tenant,
      name,
      inherits: JSON.stringify(inherits),
      permissions: JSON.stringify(permissions),
      description,
      created_at: createdAt,
    })
    .execute()
  await appendChange(transaction, { at: createdAt, topic: 'role-created', subject: `${name}${of(tenant)}` })
}

async function removeRole(transaction: Kysely<Tables>, name: string, now: number, tenant = ''): Promise<boolean> {
  if (!isStorable(name) || !isStorable(tenant)) return false
  const { numDeletedRows } = await transaction
    .deleteFrom('roles')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await transaction.deleteFrom('role_assignments').where('tenant', '=', tenant).where('role', '=', name).execute()
  await appendChange(transaction, { at: now, topic: 'role-removed', subject: `${name}${of(tenant)}` })
  return true
}

async function listAssignments(db: Kysely<Tables>, page: AssignmentPage): Promise<RoleAssignment[]> {
  const { tenant = '', role, holder, after, limit } = page
  if (!isStorable(tenant)) return []
  let query = db.selectFrom('role_assignments').selectAll().where('tenant', '=', tenant)
  if (role !== undefined) query = query.where('role', '=', role)
  if (holder !== undefined) {
    query = query.where('kind', '=', holder.kind).where('issuer', '=', holder.issuer).where('holder', '=', holder.id)
  }
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('kind', 'issuer', 'holder', 'role'),
        '>',
        tuple(after.holder.kind, after.holder.issuer, after.holder.id, after.role),
      ),
    )
  }
  const rows = await query.orderBy('kind').orderBy('issuer').orderBy('holder').orderBy('role').limit(limit).execute()
  return rows.map(toAssignment)
}

async function grant(transaction: Kysely<Tables>, assignment: RoleAssignment): Promise<'granted' | 'already'> {
  const { tenant = '', holder, role, createdAt } = assignment
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('role_assignments')
    .values({ kind: holder.kind, issuer: holder.issuer, holder: holder.id, tenant, role, created_at: createdAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows === 0n) return 'already'
  await appendChange(transaction, { at: createdAt, topic: 'role-granted', subject: toSubject(holder, role, tenant) })
  return 'granted'
}

async function revoke(
  transaction: Kysely<Tables>,
  holder: RoleHolder,
  role: string,
  now: number,
  tenant = '',
): Promise<boolean> {
  if (!isStorable(tenant)) return false
  const { numDeletedRows } = await transaction
    .deleteFrom('role_assignments')
    .where('kind', '=', holder.kind)
    .where('issuer', '=', holder.issuer)
    .where('holder', '=', holder.id)
    .where('tenant', '=', tenant)
    .where('role', '=', role)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'role-revoked', subject: toSubject(holder, role, tenant) })
  return true
}

function toSubject({ kind, issuer, id }: RoleHolder, role: string, tenant: string): string {
  return `${role}${of(tenant)} ${kind} ${issuer}|${id}`
}

function of(tenant: string): string {
  return tenant === '' ? '' : ` of the tenant ${tenant}`
}
