import type { CompiledQuery, Kysely, Selectable } from 'kysely'
import type { ReadRows } from './key-lookup.ts'
import { maxStoredRoles, type RoleLookup } from './ports/role-store.ts'
import { toRoleRecord } from './role-rows.ts'
import type { RoleRow, Tables } from './schema.ts'
import { isStorable } from './storable.ts'

/** Looks roles up the way a request needs it: prepared statements, no promise where the database needs none. */
export function createRoleLookup(db: Kysely<Tables>, read: ReadRows): RoleLookup {
  const all = db.selectFrom('roles').selectAll().limit(maxStoredRoles).compile() as CompiledQuery<Selectable<RoleRow>>
  const held = db
    .selectFrom('role_assignments')
    .select('role')
    .where('kind', '=', '')
    .where('issuer', '=', '')
    .where('holder', '=', '')
    .compile() as CompiledQuery<{ role: string }>
  return {
    roles() {
      const rows = read(all)
      return rows instanceof Promise ? rows.then((found) => found.map(toRoleRecord)) : rows.map(toRoleRecord)
    },
    rolesOf({ kind, issuer, id }) {
      if (!isStorable(issuer) || !isStorable(id)) return []
      const rows = read<{ role: string }>({ ...held, parameters: [kind, issuer, id] })
      return rows instanceof Promise ? rows.then(toNames) : toNames(rows)
    },
  }
}

function toNames(rows: readonly { role: string }[]): string[] {
  return rows.map(({ role }) => role)
}
