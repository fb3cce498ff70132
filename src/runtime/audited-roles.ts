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
          return { at, action: 'role-created', subject, detail: { inherits, permissions, description } }
        },
      ),
    remove: (subject, at) =>
      run(
        (roles) => roles.remove(subject, at),
        (removed) => (removed ? { at, action: 'role-removed', subject, detail: {} } : null),
      ),
    grant: (assignment) =>
      run(
        (roles) => roles.grant(assignment),
        (result) => {
          const { role: subject, holder, createdAt: at } = assignment
          return result === 'granted' ? { at, action: 'role-granted', subject, detail: toDetail(holder) } : null
        },
      ),
    revoke: (holder, subject, at) =>
      run(
        (roles) => roles.revoke(holder, subject, at),
        (revoked) => (revoked ? { at, action: 'role-revoked', subject, detail: toDetail(holder) } : null),
      ),
  }
}

const toDetail = ({ kind, issuer, id }: RoleHolder) => ({ holder: kind, issuer, id })
