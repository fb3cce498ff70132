import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import { type GivenRole, maxStoredRoles, type RoleLookup } from './ports/role-store.ts'
import { toRoleRecord, toTenant } from './role-rows.ts'
import type { RoleAssignmentRow, RoleRow, Tables } from './schema.ts'
import { isStorable } from './storable.ts'

type HeldRow = Pick<RoleAssignmentRow, 'tenant' | 'role'>

/** Looks roles up the way a request needs it: prepared statements, no promise where the database needs none. */
export function createRoleLookup(db: Kysely<Tables>, read: ReadRows): RoleLookup {
  // Compiled once: their parameters are, in this order, what is compared.
  const all = db.selectFrom('roles').selectAll().where('tenant', '=', '').limit(maxStoredRoles).compile()
  const held = db
    .selectFrom('role_assignments')
    .select(['tenant', 'role'])
    .where('kind', '=', '')
    .where('issuer', '=', '')
    .where('holder', '=', '')
    .where('tenant', 'in', ['', ''])
    .compile() as CompiledQuery<HeldRow>
  return {
    roles(tenant = '') {
      if (!isStorable(tenant)) return []
      const rows = read<Selectable<RoleRow>>({ ...all, parameters: [tenant, maxStoredRoles] })
      return rows instanceof Promise ? rows.then((found) => found.map(toRoleRecord)) : rows.map(toRoleRecord)
    },
    rolesOf({ kind, issuer, id }, tenant = '') {
      if (!isStorable(issuer) || !isStorable(id) || !isStorable(tenant)) return []
      const rows = read<HeldRow>({ ...held, parameters: [kind, issuer, id, '', tenant] })
      return rows instanceof Promise ? rows.then(toGiven) : toGiven(rows)
    },
  }
}

function toGiven(rows: readonly HeldRow[]): GivenRole[] {
  return rows.map((row) => ({ ...toTenant(row), role: row.role }))
}
