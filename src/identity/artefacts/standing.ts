import type { AdapterPayload } from 'oidc-provider'
import { digestSecret } from '../../crypto/digest.ts'
import type { AccountLookup } from '../../stores/ports/account-store.ts'
import type { ArtefactLookup } from '../../stores/ports/artefact-store.ts'
import type { ClientLookup } from '../../stores/ports/client-store.ts'

/** What marks a session that was ended elsewhere than in its own browser, by the digest of its `uid`. */
export const sessionEndKind = 'SessionEnd'

/** Whether what is kept still counts. */
export type Standing = (kind: string, payload: AdapterPayload) => boolean | Promise<boolean>

/**
 * Whatever is begun by a login ends with it. It is removed then, but a request that had read it before may write it back
 * afterwards: so it is judged again whenever it is read.
 */
export function createStanding(accounts: AccountLookup, artefacts: ArtefactLookup, clients?: ClientLookup): Standing {
  return async (kind, payload) => {
    if (kind === 'Grant' && clients !== undefined) return isOfClient(payload, clients)
    const login = toLogin(kind, payload)
    if (login === null) return true
    const account = await accounts.find(login.accountId)
    if (account === null || account.disabledAt !== null) return false
    if (!isAfter(login.seconds, account.signedOutAt)) return false
    return kind !== 'Session' || (await artefacts.find(sessionEndKind, digestSecret(payload.uid as string))) === null
  }
}

/** A client that was removed and is there again is another one. */
async function isOfClient({ clientId, iat = 0 }: AdapterPayload, clients: ClientLookup): Promise<boolean> {
  const client = await clients.find(clientId as string)
  return client !== null && client.createdAt < (iat + 1) * 1000
}

/** Logins know their second only; those after a sign-out have a later one (see `toLoginSeconds`). */
export function isAfter(seconds: number, signedOutAt: number | null): boolean {
  return signedOutAt === null || seconds > Math.floor(signedOutAt / 1000)
}

/** When a login that is accepted now has happened, in seconds: after the last sign-out, even within one second. */
export function toLoginSeconds(now: number, signedOutAt: number | null): number {
  return Math.max(Math.floor(now / 1000), signedOutAt === null ? 0 : Math.floor(signedOutAt / 1000) + 1)
}

/** The login that something stands on; null where it stands on none, or on something that is judged itself. */
function toLogin(kind: string, { accountId, loginTs, authTime, result }: AdapterPayload) {
  if (kind === 'Interaction') {
    const login = result?.login as { readonly accountId?: string; readonly ts?: number } | undefined
    return login?.accountId === undefined ? null : { accountId: login.accountId, seconds: login.ts ?? 0 }
  }
  const seconds = kind === 'Session' ? loginTs : authTime
  return accountId === undefined || seconds === undefined ? null : { accountId, seconds }
}
