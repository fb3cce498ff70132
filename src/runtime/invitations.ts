import type { Kysely } from 'kysely'
import { parseAddress } from '../identity/mail/address.ts'
import { createInvitation, type InvitationPayload, invitationKind } from '../identity/people/invitation.ts'
import { toNameDigest } from '../identity/people/removal.ts'
import { createAccountStore } from '../stores/account-store.ts'
import { createArtefactStore } from '../stores/artefact-store.ts'
import { inTransaction } from '../stores/in-transaction.ts'
import { createMailStore } from '../stores/mail-store.ts'
import type { Tables } from '../stores/schema.ts'
import { openAudit } from './audited.ts'
import type { OpenedIdentity } from './open-identity.ts'

/** Somebody may make an account, with roles that wait for it. Times are epoch milliseconds. */
export interface Invitation {
  /** Names it, and opens nothing. */
  readonly id: string
  readonly address: string
  readonly roles: readonly string[]
  readonly invitedAt: number
  readonly expiresAt: number
}

export interface InviteOptions {
  /** Set when the account is made. */
  readonly roles?: readonly string[]
  /** Of the mail, such as `de`; without it, that of the pages. */
  readonly language?: string
}

/** Why there is no invitation, for the person who asked for it. */
export class InvitationError extends Error {}

/** Who may make an account with `signUp: invited`. Everything is in the audit trail. */
export interface Invitations {
  /** Sends a mail with a link, good for one use and seven days. An earlier invitation of the address ends. */
  invite(address: string, options?: InviteOptions): Promise<Invitation>
  /** Those that are open. */
  list(): Promise<Invitation[]>
  /** False where there is no open one. */
  withdraw(id: string): Promise<boolean>
}

const maxListed = 10_000
const idLength = 24

export function createInvitations(
  db: Kysely<Tables>,
  { options, payloads, looks }: Pick<OpenedIdentity, 'options' | 'payloads' | 'looks'>,
  actor: string,
  now: () => number = Date.now,
): Invitations {
  const { issuer, tenant = null, signUp } = options

  async function list(): Promise<(Invitation & { readonly digest: string })[]> {
    const rows = await db
      .selectFrom('artefacts')
      .select(['digest', 'payload', 'expires_at'])
      .where('kind', '=', invitationKind)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now())
      .limit(maxListed)
      .execute()
    const opened = rows.map(async ({ digest, payload, expires_at: expiresAt }) => {
      const held = (await payloads.open({ kind: invitationKind, digest, payload })) as InvitationPayload
      const { username: address, roles, invitedAt } = held
      return { id: digest.slice(0, idLength), digest, address, roles, invitedAt, expiresAt: Number(expiresAt) }
    })
    return (await Promise.all(opened)).sort((a, b) => a.invitedAt - b.invitedAt)
  }

  return {
    async invite(text, { roles = [], language } = {}) {
      if (signUp === 'off')
        throw new InvitationError('`signUp` is off: write `signUp: invited` into the block `identity`')
      const address = parseAddress(text)
      if (address === null) throw new InvitationError(`"${text}" is no e-mail address`)
      const at = now()
      const { texts } = looks({ locales: language, acceptLanguage: undefined })
      const { artefact, mail } = createInvitation({ issuer, tenant, payloads, texts }, address, roles, at)
      const id = artefact.digest.slice(0, idLength)
      await inTransaction(db, async (transaction) => {
        if ((await createAccountStore(transaction).findByUsername(tenant, address)) !== null)
          throw new InvitationError(`there is an account "${address}" already`)
        await end(transaction, 'account', toNameDigest({ tenant, username: address }))
        await createArtefactStore(transaction).put(artefact)
        await createMailStore(transaction).add(mail)
        const detail = { address, roles, expiresAt: artefact.expiresAt }
        await openAudit(transaction).append({ at, actor, action: 'invitation-sent', subject: id, detail })
      })
      return { id, address, roles, invitedAt: at, expiresAt: artefact.expiresAt as number }
    },
    list: async () => (await list()).map(({ digest: _, ...invitation }) => invitation),
    async withdraw(id) {
      const found = (await list()).find((one) => one.id === id)
      if (found === undefined) return false
      return inTransaction(db, async (transaction) => {
        if ((await end(transaction, 'digest', found.digest)) === 0) return false
        const detail = { address: found.address }
        await openAudit(transaction).append({ at: now(), actor, action: 'invitation-withdrawn', subject: id, detail })
        return true
      })
    },
  }
}

async function end(transaction: Kysely<Tables>, column: 'account' | 'digest', value: string): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('artefacts')
    .where('kind', '=', invitationKind)
    .where(column, '=', value)
    .where('consumed_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
