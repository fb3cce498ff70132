import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { eventually } from '../../support/eventually.ts'
import { addAccount, allowShop, callApi, logIn, openAccount, redeem } from './steps.ts'
import type { Walk } from './walk.ts'

/** What people see to on the page of their account. */
export const accountWalks: readonly Walk[] = [
  {
    name: 'logins are ended one by one and all together, and applications lose what they were allowed',
    language: 'en',
    async run(site, walker, come) {
      const username = await addAccount(site, walker, 'owner')
      const token = await redeem(site, await allowShop(site, walker, username))
      const other = await come()
      await openAccount(site, other, username)
      await walker.open(`${site.issuer}/account`, 'account.title')
      await walker.press('sessions.title', 'sessions.title')
      const items = walker.page.getByRole('listitem')
      assert.equal(await items.count(), 2)
      const foreign = items.filter({ hasNotText: walker.say('sessions.thisBrowser') })
      await foreign.getByRole('button').click()
      await eventually('one is left', async () => (await items.count()) === 1)
      await other.open(`${site.issuer}/account`, 'login.title')
      await walker.press('account.back', 'account.title')

      await walker.press('applications.title', 'applications.title')
      await walker.press(['applications.withdrawOf', { name: 'The web shop' }], 'applications.title')
      await walker.read('applications.none')
      await eventually('the API refuses its token', async () => (await callApi(site, token)) === 401, 2000)
      await walker.press('account.back', 'account.title')

      await walker.press('sessions.title', 'sessions.title')
      await walker.press('sessions.signOut', 'logout.doneTitle')
      await walker.open(`${site.issuer}/account/sessions`, 'login.title')
    },
  },
  {
    name: 'data is taken along, and the account deleted',
    language: 'de',
    async run(site, walker) {
      const username = await addAccount(site, walker, 'leaver')
      await openAccount(site, walker, username)
      await walker.press('data.title', 'data.title')
      const link = walker.page.getByRole('link', { name: walker.say('data.download') })
      const [download] = await Promise.all([walker.page.waitForEvent('download'), link.click()])
      assert.match(await readFile(await download.path(), 'utf8'), new RegExp(username))
      await walker.press('remove.title', 'remove.title')
      await walker.type('login.username', 'somebody else')
      await walker.press('remove.submit', 'remove.title')
      await walker.read('remove.wrong', 'alert')
      await walker.type('login.username', username)
      await walker.press('remove.submit', 'remove.doneTitle')
      await walker.open(`${site.issuer}/account`, 'login.title')
      await logIn(walker, username, 'login.title')
      await walker.read('login.wrong', 'alert')
    },
  },
  {
    name: 'a login elsewhere is connected, and disconnected',
    language: 'en',
    async run(site, walker) {
      const { office, issuer } = site
      const label = 'The works'
      const address = `worker.${walker.language}@orchard.test`
      const named = `${label} (${address})`
      office.person = null
      await walker.open(`${issuer}/account`, 'login.title')
      // Without a script, it is the person who goes on from there, and back.
      const back = walker.page.getByRole('button', { name: 'Continue' })
      const goThere = async (title: 'login.title' | 'account.title' | 'connections.title') => {
        await back.click()
        await walker.read(title)
      }
      await walker.page.route(`${office.issuer}/**`, (route) => route.fulfill({ status: 204 }), { times: 1 })
      await walker.press(['with.submit', { label }], ['with.goOnTitle', { label }])
      await walker.page.getByRole('link', { name: walker.say(['with.goOn', { label }]) }).click()
      await goThere('login.title')
      await walker.read(['with.denied', { label }], 'alert')
      office.person = { sub: `worker-${walker.language}`, email: address, email_verified: true }
      await walker.page.getByRole('button', { name: walker.say(['with.submit', { label }]) }).click()
      await goThere('account.title')
      await walker.press('connections.title', 'connections.title')
      await walker.press(['connections.disconnect', { label: named }], 'connections.title')
      await walker.read('connections.last', 'alert')

      const username = await addAccount(site, walker, 'joiner')
      office.person = { sub: `joiner-${walker.language}`, email: username, email_verified: true }
      await walker.context.clearCookies()
      await openAccount(site, walker, username)
      await walker.press('connections.title', 'connections.title')
      await walker.page.getByRole('button', { name: walker.say(['connections.connect', { label }]) }).click()
      await goThere('connections.title')
      await walker.page.getByText(`${label} (${username})`).first().waitFor()
      await walker.press(['connections.disconnect', { label: `${label} (${username})` }], 'connections.title')
      await walker.read('connections.none')
    },
  },
]
