import assert from 'node:assert/strict'
import { openInvitations } from '../../../src/runtime/open-invitations.ts'
import { password } from '../../support/identity.ts'
import { addAccount, logIn, newPassword, openAccount, readLink } from './steps.ts'
import type { Walk } from './walk.ts'

/** How accounts come to be, and how their passwords are changed. */
export const peopleWalks: readonly Walk[] = [
  {
    name: 'the first administrator makes the first account, once',
    language: 'de',
    once: true,
    async run(site, walker) {
      const link = site.system.firstAdministratorLink ?? ''
      await walker.open(link, 'first.title')
      await walker.type('first.username', 'root')
      await walker.type('password.new', 'root root root root')
      await walker.press('first.submit', 'first.title')
      await walker.read('password.username', 'alert')
      await walker.type('password.new', newPassword)
      await walker.press('first.submit', 'signUp.done')
      await walker.press('account.title', 'login.title')
      await logIn(walker, 'root', 'account.title', newPassword)
      await walker.open(link, 'link.endedTitle')
    },
  },
  {
    name: 'somebody who was invited chooses a password',
    language: 'en',
    async run(site, walker) {
      const to = `guest.${walker.language}@orchard.test`
      const invitations = await openInvitations(site.policyFile, 'a test')
      await invitations.invite(to, { language: walker.language })
      await invitations.close()
      const link = await readLink(site, to)
      await walker.open(link, 'signUp.choose')
      await walker.type('password.new', 'too short')
      await walker.press('password.keep', 'signUp.choose')
      await walker.read(['password.short', { length: 9, least: 15 }], 'alert')
      await walker.type('password.new', newPassword)
      await walker.press('password.keep', 'signUp.done')
      await walker.open(link, 'link.endedTitle')
      await openAccount(site, walker, to, newPassword)
    },
  },
  {
    name: 'who forgot the password chooses another one by mail',
    language: 'de',
    async run(site, walker) {
      const username = await addAccount(site, walker, 'lost')
      await walker.open(`${site.issuer}/account`, 'login.title')
      await walker.press('login.forgot', 'reset.title')
      await walker.type('address.label', 'nobody@nowhere')
      await walker.press('address.submit', 'reset.title')
      await walker.read('address.invalid', 'alert')
      await walker.type('address.label', username)
      await walker.press('address.submit', 'mailSent.title')
      const link = await readLink(site, username)
      await walker.open(link, 'reset.choose')
      await walker.type('password.new', '123456789012345')
      await walker.press('password.keep', 'reset.choose')
      await walker.read('password.common', 'alert')
      await walker.type('password.new', newPassword)
      await walker.press('password.keep', 'password.changed')
      await walker.open(link, 'link.endedTitle')
      await openAccount(site, walker, username, newPassword)
    },
  },
  {
    name: 'a password is changed, which logs out everywhere',
    language: 'en',
    async run(site, walker) {
      const username = await addAccount(site, walker, 'change')
      await openAccount(site, walker, username)
      await walker.press('account.password', 'password.changeTitle')
      const change = async (until: string, title: 'password.changeTitle' | 'password.changed') => {
        await walker.type('login.username', username)
        await walker.type('password.untilNow', until)
        await walker.type('password.new', newPassword)
        await walker.press('password.change', title)
      }
      await change('not the password', 'password.changeTitle')
      await walker.read('login.wrong', 'alert')
      await change(password, 'password.changed')
      await walker.press('account.title', 'login.title')
      await logIn(walker, username, 'login.title')
      await walker.read('login.wrong', 'alert')
      await logIn(walker, username, 'account.title', newPassword)
      assert.equal(new URL(walker.page.url()).pathname, '/identity/account')
    },
  },
]
