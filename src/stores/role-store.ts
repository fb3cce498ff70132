import type { Kysely } from 'kysely'
import { appendChange } from './changes.ts'
import { inTransaction } from './in-transaction.ts'
import {
  type AssignmentPage,
  maxStoredRoles,
  type RoleAssignment,
  type RoleHolder,
  type RoleRecord,
  type RoleStore,
} from './ports/role-store.ts'
import { StoreError } from './ports/store-error.ts'
import { toAssignment, toRoleRecord } from './role-rows.ts'
import type { Tables } from './schema.ts'

/** Roles and their holders on any database that Kysely speaks to. */
export function createRoleStore(db: Kysely<Tables>): RoleStore {
  return {
    roles: () => listRoles(db),
    create: (role) => inTransaction(db, (transaction) => createRole(transaction, role)),
    remove: (name, now) => inTransaction(db, (transaction) => removeRole(transaction, name, now)),
    assignments: (page) => listAssignments(db, page),
    grant: (assignment) => inTransaction(db, (transaction) => grant(transaction, assignment)),
    revoke: (holder, role, now) => inTransaction(db, (transaction) => revoke(transaction, holder, role, now)),
  }
}

async function listRoles(db: Kysely<Tables>): Promise<RoleRecord[]> {
  const rows = await db.selectFrom('roles').selectAll().orderBy('name').limit(maxStoredRoles).execute()
  return rows.map(toRoleRecord)
}

async function createRole(transaction: Kysely<Tables>, role: RoleRecord): Promise<void> {
  const { name, inherits, permissions, description, createdAt } = role
  const { count } = await transaction
    .selectFrom('roles')
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= maxStoredRoles) throw new StoreError('full', `the store holds ${maxStoredRoles} roles already`)
  const known = await transaction.selectFrom('roles').select('name').where('name', '=', name).executeTakeFirst()
  if (known !== undefined) throw new StoreError('conflict', `there is a role "${name}" already`)
  await transaction
    .insertInto('roles')
    .values({
      name,
      inherits: JSON.stringify(inherits),
      permissions: JSON.stringify(permissions),
      description,
      created_at: createdAt,
    })
    .execute()
  await appendChange(transaction, { at: createdAt, topic: 'role-created', subject: name })
}

async function removeRole(transaction: Kysely<Tables>, name: string, now: number): Promise<boolean> {
  const { numDeletedRows } = await transaction.deleteFrom('roles').where('name', '=', name).executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await transaction.deleteFrom('role_assignments').where('role', '=', name).execute()
  await appendChange(transaction, { at: now, topic: 'role-removed', subject: name })
  return true
}

async function listAssignments(db: Kysely<Tables>, page: AssignmentPage): Promise<RoleAssignment[]> {
  const { role, holder, after, limit } = page
  let query = db.selectFrom('role_assignments').selectAll()
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
  const { holder, role, createdAt } = assignment
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('role_assignments')
    .values({ kind: holder.kind, issuer: holder.issuer, holder: holder.id, role, created_at: createdAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows === 0n) return 'already'
  await appendChange(transaction, { at: createdAt, topic: 'role-granted', subject: toSubject(holder, role) })
  return 'granted'
}

async function revoke(transaction: Kysely<Tables>, holder: RoleHolder, role: string, now: number): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('role_assignments')
    .where('kind', '=', holder.kind)
    .where('issuer', '=', holder.issuer)
    .where('holder', '=', holder.id)
    .where('role', '=', role)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await appendChange(transaction, { at: now, topic: 'role-revoked', subject: toSubject(holder, role) })
  return true
}

function toSubject({ kind, issuer, id }: RoleHolder, role: string): string {
  return `${role} ${kind} ${issuer}|${id}`
}
