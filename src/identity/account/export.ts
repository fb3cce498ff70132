import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { AuditStore } from '../../stores/ports/audit-store.ts'
import type { ConnectionLookup } from '../../stores/ports/connection-store.ts'
import type { FactorLookup } from '../../stores/ports/factor-store.ts'
import { toConnectionView } from '../federation/connection-view.ts'
import { type ConsentDeps, listConsents } from './consents.ts'
import { listLogins } from './logins.ts'

export interface ExportDeps extends ConsentDeps {
  readonly factors: FactorLookup
  readonly connections: Pick<ConnectionLookup, 'listOf'>
  readonly audit: Pick<AuditStore, 'list'>
}

/** The newest lines of the audit trail; older ones are for those who run the server. */
const maxLines = 1000

/** Everything that is known of an account, for its owner: no secret, nor who else was at work. Times are ISO 8601. */
export async function exportAccount(deps: ExportDeps, account: AccountRecord): Promise<object> {
  const { id, username, tenant, roles, scopes, attributes } = account
  const [logins, consents, factors, connections, lines] = [
    await listLogins(deps, account),
    await listConsents(deps, id),
    await deps.factors.list(id),
    await deps.connections.listOf(id),
    await deps.audit.list({ subject: id, limit: maxLines }),
  ]
  return {
    account: {
      ...{ id, username, tenant, roles, scopes, attributes },
      createdAt: toIso(account.createdAt),
      disabledAt: toIso(account.disabledAt),
      passwordChangedAt: toIso(account.passwordChangedAt),
      signedOutAt: toIso(account.signedOutAt),
    },
    logins: logins.map(({ browser, loggedInAt, lastUsedAt, endsAt }) => ({
      browser,
      loggedInAt: toIso(loggedInAt),
      lastUsedAt: toIso(lastUsedAt),
      endsAt: toIso(endsAt),
    })),
    applications: consents.map(({ client, name, scopes, since }) => ({ client, name, scopes, since: toIso(since) })),
    factors: factors.map(({ kind, label, createdAt, lastUsedAt }) => ({
      ...{ kind, label },
      createdAt: toIso(createdAt),
      lastUsedAt: toIso(lastUsedAt),
    })),
    connections: connections.map(toConnectionView),
    history: lines.map(({ at, action, detail }) => ({ at: toIso(at), action, detail })),
  }
}

function toIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
