import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

let served: ServedIdentity

before(async () => {
  served = await serveIdentity()
  await createAccount(served.gateway.folder)
})
after(() => served.stop())

test('the account page sends who is not logged in to log in, and has them back', async () => {
  const browser = new LoginBrowser()
  const login = await browser.follow(`${served.issuer}/account`)
  assert.match(login.url, /\/identity\/login\//)
  const { url, response } = await browser.submit(login.url, { username: 'alice', password })
  assert.equal(url, `${served.issuer}/account`)
  assert.match(await response.text(), /You are logged in as <strong>alice<\/strong>/)
})

test('a login that began at the account page leads nowhere else', async () => {
  const browser = new LoginBrowser()
  const login = await browser.follow(`${served.issuer}/account`)
  await browser.submit(login.url, { username: 'alice', password })
  for (const state of ['https://evil.test/', '//evil.test', '/orders', `${served.issuer}/account`]) {
    const response = await browser.request(`${served.issuer}/account/return?state=${encodeURIComponent(state)}`)
    assert.equal(response.headers.get('location'), '/identity/account', state)
  }
})

test('pages are in the language that the browser asks for', async () => {
  const browser = new LoginBrowser()
  const { url } = await browser.follow(`${served.issuer}/account`)
  const german = await browser.request(url, { headers: { 'accept-language': 'fr, de-AT;q=0.9, en;q=0.5' } })
  assert.match(await german.text(), /<html lang="de">[\s\S]*<h1>Anmelden<\/h1>/)
  const other = await browser.request(url, { headers: { 'accept-language': 'fr' } })
  assert.match(await other.text(), /<html lang="en">/)
})
