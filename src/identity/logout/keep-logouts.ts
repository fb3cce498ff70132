import { randomUUID } from 'node:crypto'
import type { Provider } from 'oidc-provider'
import type { EndedLoginStore } from '../../stores/ports/ended-login-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { EndedSession } from './tell-clients.ts'

export interface LogoutKeeperDeps {
  readonly payloads: SealedPayloads
  readonly store: EndedLoginStore
  readonly now: () => number
}

/** Keeps whom a client is to be told of, as if a session had ended that was logged in to this client only. */
export type LogoutKeeper = (ended: EndedSession) => Promise<void>

export function createLogoutKeeper({ payloads, store, now }: LogoutKeeperDeps): LogoutKeeper {
  return (ended) => {
    const digest = payloads.digest(randomUUID())
    return store.keep({ digest, payload: payloads.seal('Session', digest, ended) }, now())
  }
}

interface LoggedOutClient {
  readonly clientId: string
  backchannelLogout(accountId: string, sid: string): Promise<void>
}

/**
 * Has oidc-provider leave to us which clients are told of a person's logout: it would call them itself, once, and have the
 * person wait for it.
 */
export function keepLogouts(provider: Provider, keep: LogoutKeeper): void {
  const prototype = provider.Client.prototype as unknown as LoggedOutClient
  prototype.backchannelLogout = function (accountId, sid) {
    return keep({ accountId, authorizations: { [this.clientId]: { sid } } })
  }
}
