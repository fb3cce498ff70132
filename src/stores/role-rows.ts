import type { Selectable } from 'kysely'
import type { RoleAssignment, RoleHolder, RoleRecord } from './ports/role-store.ts'
import { holderKinds } from './ports/role-store.ts'
import { StoreError } from './ports/store-error.ts'
import type { RoleAssignmentRow, RoleRow } from './schema.ts'

/** Throws where a row is not what this program writes: such a role must not be trusted. */
export function toRoleRecord(row: Selectable<RoleRow>): RoleRecord {
  const { name, description } = row
  return {
    ...toTenant(row),
    name,
    inherits: toTexts(row.inherits, name),
    permissions: toTexts(row.permissions, name),
    description,
    createdAt: Number(row.created_at),
  }
}

export function toAssignment(row: Selectable<RoleAssignmentRow>): RoleAssignment {
  const kind = holderKinds.find((known) => known === row.kind)
  if (kind === undefined) throw damaged(row.role)
  const holder: RoleHolder = { kind, issuer: row.issuer, id: row.holder }
  return { ...toTenant(row), holder, role: row.role, createdAt: Number(row.created_at) }
}

/** Absent where a column says none. */
export function toTenant({ tenant }: { readonly tenant: string }): { readonly tenant?: string } {
  return tenant === '' ? {} : { tenant }
}

function toTexts(json: string, name: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    value = null
  }
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  throw damaged(name)
}

function damaged(name: string): StoreError {
  return new StoreError('unusable', `the stored role ${name} is damaged: remove it and create it again`)
}
