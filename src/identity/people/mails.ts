import type { Mail } from '../mail/mail.ts'
import type { Texts } from '../texts/texts.ts'

export function createSignUpMail({ say }: Texts, to: string, site: string, link: string): Mail {
  return {
    to,
    subject: say('mail.accountSubject', { site }),
    text: say('mail.signUp', { site, link }) + say('mail.notYou'),
  }
}

/** For who has an account already, whichever of the two was asked for. */
export function createResetMail({ say }: Texts, to: string, site: string, link: string): Mail {
  return {
    to,
    subject: say('mail.accountSubject', { site }),
    text: say('mail.reset', { site, link }) + say('mail.notYou'),
  }
}

export function createNoAccountMail({ say }: Texts, to: string, site: string): Mail {
  return { to, subject: say('mail.accountSubject', { site }), text: say('mail.noAccount', { site }) }
}

export function createChangedMail({ say }: Texts, to: string, site: string): Mail {
  return { to, subject: say('mail.changedSubject', { site }), text: say('mail.changed', { site }) }
}

export function createRemovedMail({ say }: Texts, to: string, site: string): Mail {
  return { to, subject: say('mail.removedSubject', { site }), text: say('mail.removed', { site }) }
}

export function createInvitationMail({ say }: Texts, to: string, site: string, link: string): Mail {
  return { to, subject: say('mail.invitedSubject', { site }), text: say('mail.invited', { site, link }) }
}
