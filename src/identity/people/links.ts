import { peoplePaths, toMount } from '../endpoints.ts'
import { toChoices } from '../federation/choices.ts'
import type { IdentityOptions } from '../options.ts'
import type { PeopleLinks } from '../pages/login-page.ts'
import type { Texts } from '../texts/texts.ts'

/** What the login page leads to. */
export function toLinks({ issuer, mail, signUp, providers = {} }: IdentityOptions): PeopleLinks {
  const { mount } = toMount(issuer)
  return {
    signUp: signUp === 'open' && mail !== undefined ? mount + peoplePaths.signUp : null,
    reset: mail === undefined ? null : mount + peoplePaths.reset,
    providers: toChoices(providers),
  }
}

/** From where something about an account came to an end: to the account, by the login. */
export function toAccountLink(issuer: string, { say }: Texts): { readonly path: string; readonly label: string } {
  return { path: toMount(issuer).mount + peoplePaths.account, label: say('account.title') }
}

/** Whether a text has the form of a token from a mail or a console. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}
