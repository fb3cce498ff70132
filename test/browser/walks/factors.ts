import assert from 'node:assert/strict'
import { createAuthenticator, fromBase32 } from '../../support/factors.ts'
import { password } from '../../support/identity.ts'
import { addVirtualAuthenticator } from '../../support/virtual-authenticator.ts'
import { addAccount, logIn, newPassword, openAccount } from './steps.ts'
import type { Walk } from './walk.ts'

/** What accounts are protected by beside their passwords. */
export const factorWalks: readonly Walk[] = [
  {
    name: 'an app is added, asked for, stood in for by a recovery code, and removed',
    language: 'de',
    async run(site, walker) {
      const username = await addAccount(site, walker, 'careful')
      await openAccount(site, walker, username)
      await walker.press('factors.title', 'factors.title')
      await walker.press('factors.add', 'totp.title')
      const app = createAuthenticator(fromBase32(await walker.page.locator('code').innerText()))
      await walker.type('factor.totpCode', '000000')
      await walker.press('totp.submit', 'totp.title')
      await walker.read('factor.wrong', 'alert')
      await walker.type('factor.totpCode', app.code())
      await walker.type('totp.label', 'Telefon')
      await walker.press('totp.submit', 'recovery.title')
      await walker.press('recovery.done', 'factors.title')

      await walker.context.clearCookies()
      await walker.open(`${site.issuer}/account`, 'login.title')
      await logIn(walker, username, 'factor.title')
      await walker.type('factor.totpCode', app.code(1))
      await walker.check(['factor.remember', { days: 30 }])
      await walker.press('factor.submit', 'account.title')
      await walker.press('factors.title', 'factors.title')
      await walker.press('factors.newCodes', 'recovery.title')
      const [code, another, third] = await walker.page.locator('code').allInnerTexts()
      await walker.press('recovery.done', 'factors.title')
      await walker.press('factors.forget', 'factors.title')
      assert.equal(await walker.page.getByText(walker.say('factors.devices')).count(), 0)

      await walker.open(`${site.issuer}/logout`, 'logout.title')
      await walker.press('logout.submit', 'logout.doneTitle')
      await walker.open(`${site.issuer}/account/factors`, 'login.title')
      await logIn(walker, username, 'factor.title')
      await walker.press('factor.recovery', 'factor.title')
      await walker.type('factor.recoveryCode', 'not one of them')
      await walker.press('factor.submit', 'factor.title')
      await walker.read('factor.wrong', 'alert')
      await walker.type('factor.recoveryCode', code as string)
      await walker.press('factor.submit', 'factors.title')
      await walker.read(['factors.codesLeft', { count: 9 }])

      await walker.open(`${site.issuer}/password`, 'password.changeTitle')
      await walker.type('login.username', username)
      await walker.type('password.untilNow', password)
      await walker.type('password.new', newPassword)
      await walker.press('password.change', 'factor.title')
      await walker.press('factor.recovery', 'factor.title')
      await walker.type('factor.recoveryCode', another as string)
      await walker.press('factor.submit', 'password.changed')
      await walker.press('account.title', 'login.title')
      await logIn(walker, username, 'factor.title', newPassword)
      await walker.press('factor.recovery', 'factor.title')
      await walker.type('factor.recoveryCode', third as string)
      await walker.press('factor.submit', 'account.title')
      await walker.press('factors.title', 'factors.title')
      await walker.press(['factors.remove', { name: 'Telefon' }], 'factors.title')
      await walker.read('factors.none')
    },
  },
  {
    name: 'a passkey is added, renamed, used alone and after a password, and removed',
    language: 'en',
    script: true,
    async run(site, walker) {
      const username = await addAccount(site, walker, 'modern')
      const authenticator = await addVirtualAuthenticator(walker.page)
      await authenticator.setPresent(false)
      await openAccount(site, walker, username)
      await walker.press('account.passkeys', 'passkeys.title')
      await authenticator.setPresent(true)
      await walker.type('passkeys.name', 'Laptop')
      await walker.press('passkeys.add', 'passkeys.title')
      await walker.type('passkeys.newName', ' ')
      await walker.press('passkeys.rename', 'passkeys.title')
      await walker.read(['passkeys.badName', { max: 60 }], 'alert')
      await walker.type('passkeys.newName', 'My laptop')
      await walker.press('passkeys.rename', 'passkeys.title')
      await walker.page.getByRole('heading', { name: 'My laptop' }).waitFor()

      await walker.context.clearCookies()
      await authenticator.setPresent(false)
      await walker.open(`${site.issuer}/account`, 'login.title')
      await logIn(walker, username, 'factor.title')
      await authenticator.setPresent(true)
      await walker.press('factor.submit', 'account.title')
      await walker.context.clearCookies()
      await authenticator.setPresent(false)
      await walker.open(`${site.issuer}/account/passkeys`, 'login.title')
      await authenticator.setPresent(true)
      await walker.press('passkey.logIn', 'passkeys.title')
      await walker.press('passkeys.remove', 'passkeys.title')
      await walker.read('passkeys.none')
    },
  },
]
