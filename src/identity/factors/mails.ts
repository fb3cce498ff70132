import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'
import { parseAddress } from '../mail/address.ts'
import { toWaitingMail } from '../mail/queue.ts'
import type { IdentityOptions } from '../options.ts'
import type { TextKey } from '../texts/en.ts'
import type { Texts } from '../texts/texts.ts'

/** What happened to the second factors of an account. */
export type FactorEvent = 'added' | 'removed' | 'recovery' | 'recovered' | 'reset'

const bodies: Readonly<Record<FactorEvent, TextKey>> = {
  added: 'mail.factorAdded',
  removed: 'mail.factorRemoved',
  recovery: 'mail.recoveryMade',
  recovered: 'mail.recoveryUsed',
  reset: 'mail.factorsReset',
}

const dayMs = 86_400_000

interface MailParts {
  readonly factorOptions: Pick<IdentityOptions, 'issuer' | 'mail'>
  readonly payloads: SealedPayloads
  readonly now: () => number
}

/** Tells the owner of an account; null where no mail reaches them. */
export function createFactorMail(
  { factorOptions, payloads, now }: MailParts,
  { say }: Texts,
  { username }: Pick<AccountRecord, 'username'>,
  event: FactorEvent,
): NewMail | null {
  const to = factorOptions.mail === undefined ? null : parseAddress(username)
  if (to === null) return null
  const site = new URL(factorOptions.issuer).host
  const text = say(bodies[event], { site }) + say('mail.factorNotYou', { site })
  const subject = say(event === 'recovered' ? 'mail.recoveryUsedSubject' : 'mail.factorSubject', { site })
  return toWaitingMail(payloads, { to, subject, text }, now(), now() + dayMs)
}
