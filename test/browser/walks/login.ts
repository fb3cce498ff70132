import assert from 'node:assert/strict'
import { eventually } from '../../support/eventually.ts'
import { createAuthenticator, fromBase32 } from '../../support/factors.ts'
import { createAccount } from '../../support/identity.ts'
import { shop } from '../../support/identity-site.ts'
import {
  addAccount,
  callApi,
  logIn,
  newPassword,
  openAccount,
  readLink,
  redeem,
  toAuthorize,
  webAuthorization,
} from './steps.ts'
import type { Walk } from './walk.ts'

/** From an application to a token, and back out. */
export const loginWalks: readonly Walk[] = [
  {
    name: 'with the keyboard alone, a person signs up, verifies, logs in with two factors and agrees, until it is revoked',
    language: 'en',
    keyboard: true,
    async run(site, walker) {
      const to = `keys.${walker.language}@orchard.test`
      await walker.open(toAuthorize(site), 'login.title')
      await walker.press('login.signUp', 'signUp.title')
      await walker.type('address.label', to)
      await walker.press('address.submit', 'mailSent.title')
      await walker.open(await readLink(site, to), 'signUp.choose')
      await walker.type('password.new', newPassword)
      await walker.press('password.keep', 'signUp.done')

      // The application asks for two factors, and there is none yet.
      await walker.open(toAuthorize(site, { acr_values: 'aal2' }), 'login.title')
      await logIn(walker, to, 'login.title', 'not the password')
      await walker.read('login.wrong', 'alert')
      await logIn(walker, to, 'totp.title', newPassword)
      const app = createAuthenticator(fromBase32(await walker.page.locator('code').innerText()))
      await walker.type('factor.totpCode', app.code())
      await walker.press('totp.submit', 'recovery.title')
      await walker.press('recovery.done', 'consent.title')
      const first = await redeem(site, await walker.leave('consent.allow', shop))
      assert.equal(await callApi(site, first), 200)

      await walker.open(toAuthorize(site, { prompt: 'login' }), 'login.title')
      await logIn(walker, to, 'factor.title', newPassword)
      await walker.type('factor.totpCode', app.code(1))
      const token = await redeem(site, await walker.leave('factor.submit', shop))
      assert.equal(await callApi(site, token), 200)
      const { status } = await site.ask('/identity/revoke', { authorization: webAuthorization }, { token })
      assert.equal(status, 200)
      await eventually('the API refuses it', async () => (await callApi(site, token)) === 401, 2000)
    },
  },
  {
    name: 'who does not agree goes back, and who logs out is asked first',
    language: 'de',
    async run(site, walker) {
      const username = await addAccount(site, walker, 'wary')
      await walker.open(toAuthorize(site), 'login.title')
      assert.equal((await walker.leave('login.cancel', shop)).searchParams.get('error'), 'access_denied')
      await walker.open(toAuthorize(site, { response_mode: 'form_post' }), 'login.title')
      await walker.press('login.cancel', 'forward.title')
      await walker.leave('forward.goOn', shop)
      await walker.open(
        toAuthorize(site, { scope: 'openid profile email offline_access orders:read', prompt: 'consent' }),
        'login.title',
      )
      await logIn(walker, username, 'consent.title')
      assert.equal((await walker.leave('consent.deny', shop)).searchParams.get('error'), 'access_denied')
      await walker.open(`${site.issuer}/account`, 'account.title')
      await walker.press('logout.submit', 'logout.title')
      await walker.press('logout.stay', 'logout.stayedTitle')
      await walker.open(`${site.issuer}/account`, 'account.title')
      await walker.press('logout.submit', 'logout.title')
      await walker.press('logout.submit', 'logout.doneTitle')
      await walker.open(`${site.issuer}/account`, 'login.title')
      // Nobody is asked twice; without a script, the way on is a button.
      await walker.open(`${site.issuer}/logout`, 'forward.title')
      await walker.press('forward.goOn', 'logout.doneTitle')
    },
  },
  {
    name: 'what cannot be answered says so on a page',
    language: 'en',
    async run(site, walker, come) {
      await walker.open(toAuthorize(site, { redirect_uri: 'https://evil.test/' }), 'error.title')
      await walker.open(toAuthorize(site), 'login.title')
      const other = await come()
      await other.open(walker.page.url(), 'error.title')
      await other.open(`${site.issuer}/with/office/callback?state=none&code=none`, 'error.title')
      await other.open(`${site.issuer}/sign-up/confirm?token=none`, 'link.endedTitle')
      const username = `locked.${walker.language}@orchard.test`
      for (let i = 0; i < 12 && (await walker.page.getByText(/\d/).count()) === 0; i++)
        await logIn(walker, username, 'login.title', 'not the password')
      await walker.read(/\d+/, 'alert')
    },
  },
  {
    name: 'a tenant has pages of its own',
    language: 'de',
    async run(site, walker) {
      const username = `ann.${walker.language}@north.test`
      await createAccount(site.folder, { id: `north-${walker.language}`, username, tenant: 'north' })
      const north = { ...site, issuer: `${site.issuer}/t/north` }
      await openAccount(north, walker, username)
      await walker.page.getByRole('img', { name: 'The north' }).waitFor()
      await walker.press('sessions.title', 'sessions.title')
      await walker.press('account.back', 'account.title')
      await walker.open(`${site.issuer}/account`, 'login.title')
      await logIn(walker, username, 'login.title')
      await walker.read('login.wrong', 'alert')
    },
  },
]
