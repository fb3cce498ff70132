export type { PolicyFile } from './config/define-config.ts'
export { defineConfig } from './config/define-config.ts'
export type { Principal } from './core/principal.ts'
export { AdministrationError, type AdministrationErrorCode } from './runtime/administration/administration-error.ts'
export type {
  Client,
  ClientAdministration,
  ClientOf,
  NewClient,
  WithSecret,
} from './runtime/administration/client-administration.ts'
export {
  type Administration,
  type AdministrationOptions,
  openAdministration,
  type SessionAdministration,
} from './runtime/administration/open-administration.ts'
export type { NewRole, Role, RoleAdministration, RoleOf } from './runtime/administration/role-administration.ts'
export type { NewUser, User, UserAdministration } from './runtime/administration/user-administration.ts'
export type { GuardOptions } from './runtime/create-guard.ts'
export { createGuard } from './runtime/create-guard.ts'
export type { Guard } from './runtime/guard.ts'
export type { Invitation, InviteOptions } from './runtime/invitations.ts'
export type { OpenInvitations } from './runtime/open-invitations.ts'
export { openInvitations } from './runtime/open-invitations.ts'
export { openKeyRing } from './runtime/open-key-ring.ts'
