import { randomText } from '../../crypto/random-text.ts'
import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import type { Mail } from './mail.ts'

/** What a mail is sealed as. */
export const mailKind = 'Mail'

/** A mail as it waits in the store. */
export function toWaitingMail(payloads: SealedPayloads, mail: Mail, at: number, expiresAt: number): NewMail {
  const id = randomText(16)
  return { id, payload: payloads.seal(mailKind, id, mail), at, expiresAt }
}
