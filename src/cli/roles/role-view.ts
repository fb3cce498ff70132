import type { RoleView } from '../../roles/role-views.ts'
import { toPrintable } from '../printable.ts'

export function formatRole(role: RoleView): string {
  const lines: [string, string][] = [
    ['Name', role.name],
    ...(role.tenant === null ? [] : ([['Tenant', role.tenant]] as [string, string][])),
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
