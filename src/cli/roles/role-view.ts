import { RoleModel } from '../../roles/role-model.ts'
import type { RoleRecord } from '../../stores/ports/role-store.ts'
import { toPrintable } from '../printable.ts'
import type { FileRoles } from './surroundings.ts'

/** A role as people and programs are shown it. */
export interface RoleView {
  readonly name: string
  readonly source: 'file' | 'store'
  readonly description: string | null
  readonly inherits: readonly string[]
  readonly permissions: readonly string[]
  /** Everything that it brings, through whatever it inherits. */
  readonly effective: { readonly roles: readonly string[]; readonly permissions: readonly string[] }
  /** Rules of the policy file that give it. */
  readonly assign: readonly object[]
}

/** All roles, those of the file first: it has the last word on a name that is in both. */
export function toRoleViews({ roles }: FileRoles, stored: readonly RoleRecord[]): RoleView[] {
  const own = stored.filter(({ name }) => !Object.hasOwn(roles, name))
  const model = new RoleModel([...Object.entries(roles), ...own.map((role) => [role.name, role] as const)])
  const effectiveOf = (name: string) => {
    const rights = model.rightsOf([name])
    return { roles: [...rights.roles], permissions: [...rights.permissions].sort() }
  }
  return [
    ...Object.entries(roles).map(
      ([name, { inherits, permissions, description = null, assign }]): RoleView => ({
        ...{ name, source: 'file', description, inherits, permissions, effective: effectiveOf(name), assign },
      }),
    ),
    ...own.map(
      ({ name, inherits, permissions, description }): RoleView => ({
        ...{ name, source: 'store', description, inherits, permissions, effective: effectiveOf(name), assign: [] },
      }),
    ),
  ]
}

export function formatRole(role: RoleView): string {
  const lines: [string, string][] = [
    ['Name', role.name],
    ['From', role.source === 'file' ? 'the policy file' : 'the store'],
    ['For', role.description ?? '-'],
    ['Inherits', toList(role.inherits)],
    ['Permissions', toList(role.permissions)],
    ['Brings', toList(role.effective.roles.filter((name) => name !== role.name))],
    ['May', toList(role.effective.permissions)],
    ...role.assign.map((rule): [string, string] => ['Given to', JSON.stringify(rule)]),
  ]
  return lines.map(([title, value]) => `${title.padEnd(13)}${toPrintable(value)}`).join('\n')
}

export function toList(texts: readonly string[]): string {
  return texts.length === 0 ? '-' : texts.join(', ')
}
