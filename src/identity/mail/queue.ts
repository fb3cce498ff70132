import { randomText } from '../../crypto/random-text.ts'
import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { Mail } from './mail.ts'

/** What a mail is sealed as. */
export const mailKind = 'Mail'

/** A mail as it waits in the store. Its id says whose it is: each tenant may have a mail server of its own. */
export function toWaitingMail(payloads: SealedPayloads, mail: Mail, at: number, expiresAt: number): NewMail {
  const id = payloads.realm === null ? randomText(16) : `${payloads.realm}.${randomText(16)}`
  return { id, payload: payloads.seal(mailKind, id, mail), at, expiresAt }
}

/** The tenant that a waiting mail is of; null for the block itself. */
export function toMailRealm(id: string): string | null {
  const dot = id.indexOf('.')
  return dot === -1 ? null : id.slice(0, dot)
}
