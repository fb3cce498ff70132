import type { Kysely } from 'kysely'
import type { RoleHolder, RoleStore } from '../stores/ports/role-store.ts'
import { createRoleStore } from '../stores/role-store.ts'
import type { Tables } from '../stores/schema.ts'
import { audited, type Told } from './audited.ts'

/** The roles for somebody whose changes are told. The subject is the role; the detail says who holds it. */
export function auditRoles(db: Kysely<Tables>, actor: string): RoleStore {
  const run = <T>(work: (roles: RoleStore) => Promise<T>, tell: (result: T) => Told) =>
    audited(db, actor, (transaction) => work(createRoleStore(transaction)), tell)
  return {
    ...createRoleStore(db),
    create: (role) =>
      run(
        (roles) => roles.create(role),
        () => {
          const { name: subject, inherits, permissions, description, createdAt: at } = role
          const detail = { ...ofTenant(role.tenant), inherits, permissions, description }
          return { at, action: 'role-created', subject, detail }
        },
      ),
    remove: (subject, at, tenant) =>
      run(
        (roles) => roles.remove(subject, at, tenant),
        (removed) => (removed ? { at, action: 'role-removed', subject, detail: ofTenant(tenant) } : null),
      ),
    grant: (assignment) =>
      run(
        (roles) => roles.grant(assignment),
        (result) => {
          const { role: subject, tenant, holder, createdAt: at } = assignment
          const detail = toDetail(holder, tenant)
          return result === 'granted' ? { at, action: 'role-granted', subject, detail } : null
        },
      ),
    revoke: (holder, subject, at, tenant) =>
      run(
        (roles) => roles.revoke(holder, subject, at, tenant),
        (revoked) => (revoked ? { at, action: 'role-revoked', subject, detail: toDetail(holder, tenant) } : null),
      ),
  }
}

const ofTenant = (tenant: string | undefined) => (tenant === undefined ? {} : { tenant })

const toDetail = ({ kind, issuer, id }: RoleHolder, tenant: string | undefined) => ({
  ...ofTenant(tenant),
  holder: kind,
  issuer,
  id,
})
