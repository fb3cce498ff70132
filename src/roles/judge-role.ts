import { suggest } from '../core/suggest.ts'
import type { RoleRecord } from '../stores/ports/role-store.ts'
import { isWithin } from './held-roles.ts'
import type { DefinedRoles } from './role-views.ts'

/** What is wrong with a tenant that roles are asked of; null where the policy file has roles of it. */
export function judgeTenant(tenant: string | undefined, { tenantRoles }: DefinedRoles): string | null {
  if (tenant === undefined || Object.hasOwn(tenantRoles, tenant)) return null
  const near = suggest(tenant, Object.keys(tenantRoles))
  const hint = near === null ? 'Name it there: what its roles may give is up to the file.' : `Did you mean ${near}?`
  return `The policy file has no tenant "${tenant}" under \`tenantRoles\`. ${hint}`
}

/** What is wrong with a role that is to be made in the store; null where nothing is. */
export function judgeNewRole(role: RoleRecord, file: DefinedRoles, stored: readonly RoleRecord[]): string | null {
  const wrong = judgeTenant(role.tenant, file) ?? judgeName(role, file)
  if (wrong !== null) return wrong
  const names = listNames(file, role.tenant)
  const known = [...names, ...stored.map(({ name }) => name)]
  const stranger = role.inherits.find((parent) => !known.includes(parent))
  if (stranger !== undefined) return explainUnknown(stranger, known, file)
  const mayGrant = role.tenant === undefined ? null : (file.tenantRoles[role.tenant]?.mayGrant ?? [])
  if (mayGrant === null) return null
  const excess = role.permissions.find((permission) => !isWithin(permission, new Set(mayGrant)))
  if (excess === undefined) return null
  const most = mayGrant.length === 0 ? 'nothing' : mayGrant.join(', ')
  return `Roles of the tenant ${role.tenant} may not give "${excess}": \`tenantRoles.${role.tenant}.mayGrant\` of the policy file lets them give ${most}.`
}

/** Why a role cannot be given or shown: there is none of that name. */
export function explainUnknown(name: string, known: readonly string[], file: DefinedRoles, tenant?: string): string {
  const others = Object.keys(file.tenantRoles).filter((one) => Object.hasOwn(file.tenantRoles[one]?.roles ?? {}, name))
  const near = suggest(name, known)
  if (tenant !== undefined && Object.hasOwn(file.roles, name))
    return `The tenant ${tenant} has no role "${name}" of its own: it is one of the deployment.`
  if (tenant === undefined && others[0] !== undefined)
    return `There is no role "${name}" of the deployment: it is one of the tenant ${others[0]}.`
  return `There is no role "${name}". ${near === null ? '`portcullis roles list` shows all.' : `Did you mean ${near}?`}`
}

/** A name of the deployment is known to everyone, so that it must be nobody's; tenants need not know of each other. */
function judgeName({ tenant, name }: RoleRecord, { roles, tenantRoles }: DefinedRoles): string | null {
  if (Object.hasOwn(roles, name)) return `The policy file has a role "${name}" already.`
  const tenants = tenant === undefined ? Object.keys(tenantRoles) : [tenant]
  const of = tenants.find((one) => Object.hasOwn(tenantRoles[one]?.roles ?? {}, name))
  return of === undefined ? null : `The policy file has a role "${name}" of the tenant ${of} already.`
}

/** What a role of the store may inherit of the file. */
function listNames({ roles, tenantRoles }: DefinedRoles, tenant: string | undefined): string[] {
  const own = tenant === undefined ? {} : (tenantRoles[tenant]?.roles ?? {})
  return [...Object.keys(own), ...Object.keys(roles)]
}
