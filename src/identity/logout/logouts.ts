import type { Provider } from 'oidc-provider'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import { type KeptDeps, type Login, listLogins } from '../account/logins.ts'
import { tellClients } from './tell-clients.ts'

/** Has clients told of logins that end on a page of ours, and not by their person's logout. */
export interface Logouts {
  /** The logins that are about to end. None where they cannot be read: that keeps nobody from ending them. */
  list(account: Pick<AccountRecord, 'id' | 'signedOutAt'>): Promise<readonly Login[]>
  /** Once they have ended. Nobody waits for it. */
  tell(accountId: string, logins: readonly Login[]): void
}

export function createLogouts(
  kept: KeptDeps,
  current: () => Promise<{ readonly provider: Provider }>,
  log: PolicyLog,
): Logouts {
  async function tell(accountId: string, logins: readonly Login[]): Promise<void> {
    const { provider } = await current()
    for (const { authorizations } of logins) await tellClients(provider, { accountId, authorizations })
  }

  return {
    async list(account) {
      try {
        return await listLogins(kept, account)
      } catch (error) {
        log.error('logins_not_read', { error })
        return []
      }
    },
    tell(accountId, logins) {
      if (logins.length === 0) return
      void tell(accountId, logins).catch((error: Error) => log.warn('logout_not_told', { reason: error.message }))
    },
  }
}
