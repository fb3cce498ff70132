import { randomBytes } from 'node:crypto'
import type { NewArtefact } from '../../stores/ports/artefact-store.ts'
import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { peoplePaths } from '../endpoints.ts'
import { toWaitingMail } from '../mail/queue.ts'
import type { Texts } from '../texts/texts.ts'
import { createInvitationMail } from './mails.ts'
import { toNameDigest } from './removal.ts'
import { tokenLifetimes } from './send-link.ts'

export const invitationKind = 'Invitation'

/** What an invitation holds, sealed. */
export interface InvitationPayload {
  readonly username: string
  readonly accountId: null
  readonly roles: readonly string[]
  readonly invitedAt: number
}

export interface InvitationParts {
  readonly issuer: string
  readonly tenant: string | null
  readonly payloads: SealedPayloads
  readonly texts: Texts
}

export interface NewInvitation {
  readonly artefact: NewArtefact
  readonly mail: NewMail
}

/** An invitation with its mail: only who reads that has what opens it. */
export function createInvitation(
  { issuer, tenant, payloads, texts }: InvitationParts,
  address: string,
  roles: readonly string[],
  at: number,
): NewInvitation {
  const token = randomBytes(32).toString('base64url')
  const digest = payloads.digest(token)
  const expiresAt = at + tokenLifetimes.Invitation
  const link = `${issuer.replace(/\/$/, '')}${peoplePaths.invitation}?token=${token}`
  const payload: InvitationPayload = { username: address, accountId: null, roles, invitedAt: at }
  return {
    artefact: {
      ...{ kind: invitationKind, digest, grant: null, uid: null, userCode: null, expiresAt },
      payload: payloads.seal(invitationKind, digest, payload),
      account: toNameDigest({ tenant, username: address }),
    },
    mail: toWaitingMail(payloads, createInvitationMail(texts, address, new URL(issuer).host, link), at, expiresAt),
  }
}
