import type { NewMail } from '../../stores/ports/mail-store.ts'
import type { AccountContext } from '../account/account.ts'
import { parseAddress } from '../mail/address.ts'
import { toWaitingMail } from '../mail/queue.ts'

type Told = Pick<AccountContext, 'options' | 'payloads' | 'look' | 'now'> & {
  readonly who: { readonly account: { readonly username: string } }
}

const dayMs = 86_400_000

/** Tells the owner, where there is a way to. */
export function toPasskeyMail(told: Told, what: 'added' | 'removed', name: string): NewMail | null {
  const { options, payloads, look, who, now } = told
  const to = options.mail === undefined ? null : parseAddress(who.account.username)
  if (to === null) return null
  const { say } = look.texts
  const values = { site: new URL(options.issuer).host, name }
  const mail =
    what === 'added'
      ? { to, subject: say('mail.passkeyAddedSubject', values), text: say('mail.passkeyAdded', values) }
      : { to, subject: say('mail.passkeyRemovedSubject', values), text: say('mail.passkeyRemoved', values) }
  return toWaitingMail(payloads, mail, now(), now() + dayMs)
}
