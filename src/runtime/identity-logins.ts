import type { CompiledQuery, Kysely } from 'kysely'
import type { AdapterPayload } from 'oidc-provider'
import { DecryptionError } from '../crypto/ring/decryption-error.ts'
import type { LiveKeyRing } from '../crypto/ring/live-key-ring.ts'
import { type KeptDeps, type Login, listLogins, toSessionEnd } from '../identity/account/logins.ts'
import { ownClientId } from '../identity/account/own-client.ts'
import { createSealedPayloads } from '../identity/artefacts/sealed-payloads.ts'
import { findIssuerOf, listIssuers } from '../identity/issuers.ts'
import type { IdentityOptions } from '../identity/options.ts'
import { createAccountStore } from '../stores/account-store.ts'
import { createArtefactLookup, findByBeginning } from '../stores/artefact-lookup.ts'
import type { AccountRecord } from '../stores/ports/account-store.ts'
import type { Artefact } from '../stores/ports/artefact-store.ts'
import type { Tables } from '../stores/schema.ts'
import { createPeopleStore } from './people-store.ts'

/** A login to the identity server, in one browser. Times are epoch milliseconds. */
export interface IdentityLogin extends Pick<Login, 'id' | 'browser' | 'loggedInAt' | 'lastUsedAt' | 'endsAt'> {
  readonly issuer: string
  /** Ids of the clients that it was used for. */
  readonly clients: readonly string[]
}

/** The logins of an identity server, for who administers it. */
export interface IdentityLogins {
  /** Those of an account that go on, the one used last first. */
  listOf(account: AccountRecord): Promise<IdentityLogin[]>
  /** Ends one, with what was allowed for no longer than it lasts, as its owner does. */
  end(id: string): Promise<'revoked' | 'unknown'>
}

export interface IdentityLoginsOptions {
  readonly identity: IdentityOptions
  readonly db: Kysely<Tables>
  /** Asked whenever something has to be opened: the ring may have another key since. */
  readonly openRing: () => Promise<LiveKeyRing>
  /** Whom the audit trail names. */
  readonly actor: string
  readonly now: () => number
}

export function createIdentityLogins({ identity, db, openRing, actor, now }: IdentityLoginsOptions): IdentityLogins {
  const read = async <Row>(query: CompiledQuery<Row>) => (await db.executeQuery(query)).rows
  const artefactLookup = createArtefactLookup(db, read)
  const toKept = (ring: LiveKeyRing, { realm }: IdentityOptions): KeptDeps => {
    return { artefactLookup, payloads: createSealedPayloads(ring, realm), now }
  }

  /** Whose session it is. Nothing but the issuer that sealed it can open it, so each tries. */
  async function findOwner(ring: LiveKeyRing, session: Artefact): Promise<AccountRecord | null> {
    for (const issuer of listIssuers(identity)) {
      const { payloads } = toKept(ring, issuer)
      try {
        const { accountId } = (await payloads.open(session)) as AdapterPayload
        return accountId === undefined ? null : await createAccountStore(db).find(accountId)
      } catch (error) {
        if (!(error instanceof DecryptionError)) throw error
      }
    }
    return null
  }

  return {
    async listOf(account) {
      const issuer = findIssuerOf(identity, account.tenant)
      if (issuer === null) return []
      return (await listLogins(toKept(await openRing(), issuer), account)).map((login) =>
        toIdentityLogin(issuer, login),
      )
    },
    async end(id) {
      const session = /^[0-9a-f]{24}$/.test(id) ? await findByBeginning(db, 'Session', id) : null
      if (session === null) return 'unknown'
      const ring = await openRing()
      const account = await findOwner(ring, session)
      const issuer = account === null ? null : findIssuerOf(identity, account.tenant)
      if (account === null || issuer === null) return 'unknown'
      const login = (await listLogins(toKept(ring, issuer), account)).find((one) => one.id === id)
      if (login === undefined) return 'unknown'
      const ended = await createPeopleStore(db, actor).endSession(toSessionEnd(issuer, account.id, login, now()))
      return ended ? 'revoked' : 'unknown'
    },
  }
}

function toIdentityLogin({ issuer }: IdentityOptions, login: Login): IdentityLogin {
  const { id, browser, loggedInAt, lastUsedAt, endsAt, authorizations } = login
  const clients = Object.keys(authorizations).filter((client) => client !== ownClientId)
  return { id, issuer, browser, loggedInAt, lastUsedAt, endsAt, clients }
}
