import type { Mail } from '../mail/mail.ts'

const notYou = 'If it was not you, do nothing: without this link nothing happens.\n'

export function createSignUpMail(to: string, site: string, link: string): Mail {
  const text = `Somebody, hopefully you, wants an account at ${site} with this address.\n\nOpen this within 24 hours and choose a password:\n\n${link}\n\n${notYou}`
  return { to, subject: `Your account at ${site}`, text }
}

/** For who has an account already, whichever of the two was asked for. */
export function createResetMail(to: string, site: string, link: string): Mail {
  const text = `You have an account at ${site} with this address. If you do not know its password any more, open this within an hour and\nchoose another one:\n\n${link}\n\n${notYou}`
  return { to, subject: `Your account at ${site}`, text }
}

export function createNoAccountMail(to: string, site: string): Mail {
  const text = `Somebody, perhaps you, asked for a new password at ${site}. There is no account with this address: perhaps you took another\none. If it was not you, do nothing.\n`
  return { to, subject: `Your account at ${site}`, text }
}

export function createChangedMail(to: string, site: string): Mail {
  const text = `The password of your account at ${site} was changed, and you were logged out everywhere.\n\nIf it was not you, ask for a new password on the page where you log in, and tell those who run ${site}.\n`
  return { to, subject: `Your password at ${site} was changed`, text }
}
