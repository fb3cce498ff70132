import { didYouMean } from '../core/suggest.ts'
import type { RolesBlock } from './roles-block.ts'
import type { TenantRolesBlock } from './tenant-roles-block.ts'

/** What routes may ask for: roles and permissions of the policy file, those of its tenants included. */
export interface KnownRoles {
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}

/** Null without the block `roles`: routes may then ask for any name, as credentials alone say who holds it. */
export function findKnownRoles(block: <T>(key: string) => T): KnownRoles | null {
  const roles = block<RolesBlock | undefined>('roles')
  if (roles === undefined) return null
  const tenants = Object.values(block<TenantRolesBlock | undefined>('tenantRoles') ?? {})
  const all = [roles, ...tenants.map((tenant) => tenant.roles)]
  return {
    roles: [...new Set(all.flatMap((one) => Object.keys(one)))],
    permissions: [
      ...all.flatMap((one) => Object.values(one).flatMap(({ permissions }) => permissions)),
      ...tenants.flatMap(({ mayGrant }) => mayGrant),
    ],
  }
}

/** What is wrong with the name of a role that a route asks for; null where it is known. */
export function checkRoleName(name: string, { roles }: KnownRoles): string | null {
  if (roles.includes(name)) return null
  const hint = didYouMean(name, roles)
  return `there is no role "${name}" under \`roles\`${hint === null ? '' : `. ${hint}`}`
}
