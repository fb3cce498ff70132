import type { AdapterPayload } from 'oidc-provider'
import { digestSecret } from '../../crypto/digest.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { ArtefactLookup } from '../../stores/ports/artefact-store.ts'
import type { SessionEnd } from '../../stores/ports/people-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { SeenBrowser } from '../artefacts/seen-browser.ts'
import { isAfter, sessionEndKind } from '../artefacts/standing.ts'
import type { IdentityOptions } from '../options.ts'
import { toGrantName } from '../tokens/grant-name.ts'
import { toIssuedTokens } from '../tokens/issued-tokens.ts'

/** What is read of what is kept for accounts. */
export interface KeptDeps {
  readonly artefactLookup: ArtefactLookup
  readonly payloads: Pick<SealedPayloads, 'open'>
  readonly now: () => number
}

/** A login to the identity server, in one browser. */
export interface Login {
  /** The beginning of the digest that it is kept under: names it, and opens nothing. */
  readonly id: string
  readonly digest: string
  /** Such as `Firefox, Linux`; null: it is none that is known. */
  readonly browser: string | null
  readonly loggedInAt: number
  /** When the browser came for an application, or to log in. */
  readonly lastUsedAt: number
  readonly endsAt: number
  /** Of `uid`, which a session keeps when it gets another secret. */
  readonly uidDigest: string
  /** Names of grants that end with it: applications that may do nothing while the person is away. */
  readonly grants: readonly string[]
  /** What clients were allowed by it, by their ids. */
  readonly authorizations: Readonly<Record<string, Authorization>>
}

type StoredSession = AdapterPayload & { readonly seen?: SeenBrowser }
type Authorization = { readonly sid?: string; readonly grantId?: string; readonly persistsLogout?: boolean }

/** The logins of an account that go on, the one used last first. */
export async function listLogins(
  { artefactLookup, payloads, now }: KeptDeps,
  { id, signedOutAt }: Pick<AccountRecord, 'id' | 'signedOutAt'>,
): Promise<Login[]> {
  const logins: Login[] = []
  for (const artefact of await artefactLookup.listOf('Session', digestSecret(id))) {
    const { digest, expiresAt } = artefact
    if ((expiresAt ?? 0) <= now()) continue
    const { loginTs = 0, seen, uid, authorizations = {} } = (await payloads.open(artefact)) as StoredSession
    const uidDigest = digestSecret(uid as string)
    if (!isAfter(loginTs, signedOutAt) || (await artefactLookup.find(sessionEndKind, uidDigest)) !== null) continue
    const allowed = authorizations as Login['authorizations']
    const grants = Object.values(allowed)
      .filter(({ grantId, persistsLogout }) => grantId !== undefined && persistsLogout !== true)
      .map(({ grantId }) => toGrantName(grantId as string))
    const loggedInAt = loginTs * 1000
    const lastUsedAt = seen?.at ?? loggedInAt
    const shown = { id: digest.slice(0, 24), digest, browser: seen?.browser ?? null }
    const times = { loggedInAt, lastUsedAt, endsAt: expiresAt as number }
    logins.push({ ...shown, ...times, uidDigest, grants, authorizations: allowed })
  }
  return logins.sort((a, b) => b.lastUsedAt - a.lastUsedAt)
}

/** Ends one login, and what was allowed for no longer than it lasts. */
export function toSessionEnd(
  options: Pick<IdentityOptions, 'issuer' | 'accessTokens' | 'sessions'>,
  accountId: string,
  { digest: session, uidDigest, grants }: Login,
  now: number,
): SessionEnd {
  const none = { payload: '', grant: null, uid: null, userCode: null, account: digestSecret(accountId) }
  const mark = { kind: sessionEndKind, digest: uidDigest, ...none, expiresAt: now + options.sessions.lifetime }
  return { accountId, tokens: toIssuedTokens(options, now), now, grants, session, mark }
}
