import type { Migration } from 'kysely/migration'
import { apiKeys } from './0001-api-keys.ts'
import { changes } from './0002-changes.ts'
import { revocations } from './0003-revocations.ts'
import { accounts } from './0004-accounts.ts'
import { roles } from './0005-roles.ts'
import { keyRing } from './0006-key-ring.ts'
import { apiKeyLimits } from './0007-api-key-limits.ts'
import { attempts } from './0008-attempts.ts'
import { sessions } from './0009-sessions.ts'
import { audit } from './0010-audit.ts'
import { artefacts } from './0011-artefacts.ts'
import { identity } from './0012-identity.ts'
import { people } from './0013-people.ts'
import { factors } from './0014-factors.ts'
import { passkeys } from './0015-passkeys.ts'
import { account } from './0016-account.ts'
import { connections } from './0017-connections.ts'
import { tenants } from './0019-tenants.ts'
import { clientInvitations } from './0020-client-invitations.ts'
import { tenantRoles } from './0023-tenant-roles.ts'

/** Every migration, in the order in which they run. Entries are only ever added, at the end. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-api-keys': apiKeys,
  '0002-changes': changes,
  '0003-revocations': revocations,
  '0004-accounts': accounts,
  '0005-roles': roles,
  '0006-key-ring': keyRing,
  '0007-api-key-limits': apiKeyLimits,
  '0008-attempts': attempts,
  '0009-sessions': sessions,
  '0010-audit': audit,
  '0011-artefacts': artefacts,
  '0012-identity': identity,
  '0013-people': people,
  '0014-factors': factors,
  '0015-passkeys': passkeys,
  '0016-account': account,
  '0017-connections': connections,
  '0019-tenants': tenants,
  '0020-client-invitations': clientInvitations,
  '0023-tenant-roles': tenantRoles,
}
