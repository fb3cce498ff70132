import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Authenticator } from '../support/authenticator.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const rpId = 'localhost'

/** What a page asks the browser for. */
function readOptions(text: string): { challenge: string; user?: { id: string } } {
  const json = /data-options="([^"]*)"/.exec(text)?.[1] ?? assert.fail(text)
  return JSON.parse(json.replaceAll('&quot;', '"'))
}

describe('a password in a browser that is remembered', () => {
  let served: ServedIdentity
  let device = ''

  before(async () => {
    const providers = `  providers:
    other: { issuer: 'https://other.example.test', clientId: portcullis, clientSecret: env:TEST_WEB_SECRET }`
    served = await serveIdentity({ host: rpId, workers: 1, identity: providers })
    await createAccount(served.gateway.folder)
    device = await addPasskey()
    // Logins know their second only: those that follow are of a later one than the passkey.
    await sleep(1000)
  })
  after(() => served?.stop())

  async function logIn(browser = new LoginBrowser()) {
    const { url } = await browser.follow(`${served.issuer}/account`)
    return { browser, ...(await browser.submit(url, { username: 'alice', password })) }
  }
  /** @returns what says that a browser is remembered, of one in which the passkey was used */
  async function addPasskey(): Promise<string> {
    const authenticator = new Authenticator()
    const { browser } = await logIn()
    const page = `${served.issuer}/account/passkeys`
    const { challenge, user } = readOptions(await (await browser.follow(page)).response.text())
    const made = authenticator.make({ challenge, origin: served.origin, rpId })
    assert.equal((await browser.submit(page, { passkey: made, name: 'Phone' })).response.status, 200)
    const half = await logIn()
    const asked = readOptions(await half.response.text())
    const passkey = authenticator.use({
      ...{ challenge: asked.challenge, origin: served.origin, rpId },
      userHandle: user?.id as string,
    })
    await half.browser.submit(half.url, { factor: 'passkey', passkey, remember: 'yes' })
    return half.browser.cookies.get('portcullis-device')?.value ?? assert.fail('it is not remembered')
  }
  async function logInRemembered() {
    const browser = new LoginBrowser()
    browser.take('portcullis-device', device)
    const at = await logIn(browser)
    assert.equal(at.url, `${served.issuer}/account`, 'the second factor is not asked for')
    return browser
  }

  for (const path of ['passkeys', 'data', 'data/file', 'delete'])
    test(`does not open /account/${path}`, async () => {
      const { url } = await (await logInRemembered()).follow(`${served.issuer}/account/${path}`)
      assert.match(url, /\/factor$/)
    })

  for (const [path, fields] of [
    ['passkeys', { passkey: '{}' }],
    ['passkeys/remove', { id: 'x' }],
    ['delete', { username: 'alice' }],
    ['connections', { connect: 'other' }],
  ] as const)
    test(`changes nothing at /account/${path}`, async () => {
      const { url } = await (await logInRemembered()).submit(`${served.issuer}/account/${path}`, fields)
      assert.match(url, /\/factor$/)
    })
})

describe('passkeys of tenants at one host', () => {
  let served: ServedIdentity

  before(async () => {
    served = await serveIdentity({ host: rpId, workers: 1, identity: '  tenants: { north: {}, south: {} }' })
    for (const tenant of ['north', 'south'])
      await createAccount(served.gateway.folder, { id: `alice-of-${tenant}`, tenant })
  })
  after(() => served?.stop())

  const issuerOf = (tenant: string) => `${served.issuer}/t/${tenant}`
  async function add(tenant: string, authenticator: Authenticator) {
    const [browser, page] = [new LoginBrowser(), `${issuerOf(tenant)}/account/passkeys`]
    const login = await browser.follow(page)
    const { response } = await browser.submit(login.url, { username: 'alice', password })
    const { challenge, user } = readOptions(await response.text())
    const passkey = authenticator.make({ challenge, origin: served.origin, rpId })
    const added = await browser.submit(page, { passkey, name: 'Phone' })
    return { handle: user?.id as string, status: added.response.status }
  }
  async function use(tenant: string, authenticator: Authenticator, userHandle: string) {
    const browser = new LoginBrowser()
    const { url, response } = await browser.follow(`${issuerOf(tenant)}/account`)
    const { challenge } = readOptions(await response.text())
    const passkey = authenticator.use({ challenge, origin: served.origin, rpId, userHandle })
    const sent = await browser.submit(`${url}/passkey`, { passkey })
    return { url: sent.url, status: sent.response.status }
  }

  test('one is nothing at another, as one that nobody has, and takes nothing from it', async () => {
    const authenticator = new Authenticator()
    const { handle, status } = await add('north', authenticator)
    assert.equal(status, 200)
    assert.equal((await use('north', authenticator, handle)).url, `${issuerOf('north')}/account`)
    assert.equal((await use('south', authenticator, handle)).status, 422)
    assert.equal((await add('south', authenticator)).status, 200)
    assert.equal((await use('south', authenticator, handle)).status, 422, 'it says that it is of another account')
    assert.equal((await use('north', authenticator, handle)).url, `${issuerOf('north')}/account`)
  })
})
