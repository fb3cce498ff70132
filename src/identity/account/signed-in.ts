import type { AdapterPayload } from 'oidc-provider'
import { readCookie } from '../../core/cookies.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { AccountLookup, AccountRecord } from '../../stores/ports/account-store.ts'
import type { ArtefactLookup } from '../../stores/ports/artefact-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { createStanding } from '../artefacts/standing.ts'

/** Who is logged in to the identity server itself, in one browser. */
export interface SignedIn {
  readonly account: AccountRecord
  /** The digest that the session is kept under. */
  readonly session: string
  /** When they proved who they are, epoch milliseconds. */
  readonly loggedInAt: number
  /** What they proved it with (RFC 8176). */
  readonly amr: readonly string[]
}

export interface SignedInDeps {
  readonly artefacts: ArtefactLookup
  readonly accounts: AccountLookup
  readonly payloads: SealedPayloads
  readonly cookie: string
  readonly now: () => number
}

/** Reads the session of oidc-provider that a browser shows; null where there is none that is good. */
export function createSignedIn({ artefacts, accounts, payloads, cookie, now }: SignedInDeps) {
  const stands = createStanding(accounts, artefacts)
  return async (exchange: Exchange): Promise<SignedIn | null> => {
    const shown = readCookie(exchange.headers, cookie)
    // Of two of one name nobody can say which one the person's browser was given.
    if (shown === null || shown.length > 1) return null
    const digest = payloads.digest(shown[0] as string)
    const artefact = await artefacts.find('Session', digest)
    if (artefact === null || (artefact.expiresAt ?? 0) <= now()) return null
    const payload = (await payloads.open(artefact)) as AdapterPayload
    const { accountId, loginTs, amr } = payload
    if (accountId === undefined || loginTs === undefined || !(await stands('Session', payload))) return null
    const account = await accounts.find(accountId)
    if (account === null) return null
    return { account, session: digest, loggedInAt: loginTs * 1000, amr: amr ?? [] }
  }
}
