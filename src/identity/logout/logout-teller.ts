import type { AdapterPayload, Provider } from 'oidc-provider'
import { DecryptionError } from '../../crypto/ring/decryption-error.ts'
import type { EndedLogin } from '../../stores/ports/ended-login-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { LogoutNotices } from './logout-notices.ts'
import { type EndedSession, tellClients } from './tell-clients.ts'

/** What came of it: the clients that could not be told, and the login with no others, sealed. */
export interface Untold {
  readonly clients: readonly string[]
  readonly payload: string
}

/** Tells the clients of one issuer. `none` are left; `other`: another issuer sealed it. */
export type LogoutTeller = (ended: EndedLogin) => Promise<'none' | 'other' | Untold>

export interface LogoutTellerDeps {
  readonly payloads: SealedPayloads
  readonly notices: LogoutNotices
  readonly current: () => Promise<{ readonly provider: Provider }>
}

export function createLogoutTeller({ payloads, notices, current }: LogoutTellerDeps): LogoutTeller {
  async function open({ digest, payload }: EndedLogin): Promise<AdapterPayload | null> {
    try {
      return (await payloads.open({ kind: 'Session', digest, payload })) as AdapterPayload
    } catch (error) {
      if (error instanceof DecryptionError) return null
      throw error
    }
  }

  return async (ended) => {
    const session = await open(ended)
    if (session === null) return 'other'
    const untold = await tellClients((await current()).provider, notices, session as EndedSession)
    const clients = Object.keys(untold)
    if (clients.length === 0) return 'none'
    return { clients, payload: payloads.seal('Session', ended.digest, { ...session, authorizations: untold }) }
  }
}
