import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { eventually } from '../support/eventually.ts'
import { createAccount, password, type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const alice = { username: 'alice', password }
const clients = [
  "{ id: television, name: The television, grants: [deviceCode, refreshToken], scopes: ['orders:read'] }",
  "{ id: other-television, grants: [deviceCode], scopes: ['orders:read'] }",
]

let served: ServedIdentity
let television: client.Configuration

before(async () => {
  served = await serveIdentity({ clients })
  await createAccount(served.gateway.folder)
  television = await client.discovery(new URL(served.issuer), 'television', undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  })
})
after(() => served?.stop())

const begin = (scope = 'openid offline_access orders:read orders:write') =>
  client.initiateDeviceAuthorization(television, { scope })

const xsrfOf = (page: string) => /name="xsrf" value="([^"]+)"/.exec(page)?.[1] as string

/** A browser at the page where codes are typed. */
async function openPage(address: string, headers: Record<string, string> = {}) {
  const browser = new LoginBrowser()
  const page = await (await browser.request(address, { headers })).text()
  const type = async (code: string, more: Record<string, string> = {}) =>
    browser.submit(`${served.issuer}/device`, { xsrf: xsrfOf(page), user_code: code, ...more })
  return { browser, page, type }
}

/** From the confirmed code to the last page. */
async function logIn(browser: LoginBrowser, url: string): Promise<string> {
  const { response, url: next } = await browser.submit(url, alice)
  const page = await response.text()
  if (!page.includes('Allow')) return page
  assert.match(page, /The television/)
  assert.doesNotMatch(page, /Afterwards you are sent/)
  return (await browser.submit(`${next}/consent`, {})).response.text()
}

function pollOnce(device: string, id = 'television'): Promise<Response> {
  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  const body = new URLSearchParams({ grant_type: grant, client_id: id, device_code: device })
  return fetch(`${served.issuer}/token`, { method: 'POST', body })
}
const errorOf = async (response: Response) => ((await response.json()) as { error: string }).error

test('a device that knows nothing but the issuer is let in by a person at another screen', async () => {
  const started = await begin()
  assert.equal(started.verification_uri, `${served.issuer}/device`)
  assert.match(started.user_code, /^[B-Z]{4}-[B-Z]{4}$/)
  assert.deepEqual([started.expires_in, started.interval], [600, 5])
  const polled = client.pollDeviceAuthorizationGrant(television, started)
  const { browser, page, type } = await openPage(started.verification_uri)
  assert.match(page, /<label for="user-code">/)
  assert.doesNotMatch(page, /<script/)

  // As people type: without the line, in small letters.
  const confirm = await type(started.user_code.replace('-', '').toLowerCase())
  const asked = await confirm.response.text()
  assert.match(asked, /Is this your device/)
  assert.match(asked, /The television/)
  assert.ok(asked.includes(started.user_code))
  assert.match(asked, /<code>orders:read<\/code>/)
  assert.doesNotMatch(asked, /orders:write/, 'it is not shown what it may not have')
  assert.match(asked, /somebody sent you the code/)
  assert.doesNotMatch(asked, /<script/)

  const login = await type(started.user_code, { confirm: 'yes' })
  assert.match(login.url, /\/login\//)
  assert.match(await logIn(browser, login.url), /Your device is connected/)
  const tokens = await polled
  assert.equal(tokens.claims()?.sub, 'account-alice')
  assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)

  const renewed = await client.refreshTokenGrant(television, tokens.refresh_token as string)
  assert.equal((await served.callApi(`Bearer ${renewed.access_token}`)).status, 200)
  await client.tokenRevocation(television, renewed.refresh_token as string)
  await eventually('it is refused', async () => (await served.callApi(`Bearer ${renewed.access_token}`)).status === 401)
})

test('another library: a code in the address stands in the field, and nothing happens before it is sent', async () => {
  const issuer = new URL(served.issuer)
  const insecure = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  const server = await oauth.processDiscoveryResponse(issuer, found)
  const tv: oauth.Client = { client_id: 'television' }
  const none = oauth.None()
  const started = await oauth.processDeviceAuthorizationResponse(
    server,
    tv,
    await oauth.deviceAuthorizationRequest(server, tv, none, { scope: 'orders:read' }, insecure),
  )
  const { browser, page, type } = await openPage(started.verification_uri_complete as string, {
    'accept-language': 'de',
  })
  assert.match(page, /Gerät verbinden/)
  assert.ok(page.includes(`value="${started.user_code}"`))
  assert.doesNotMatch(page, /<script/)
  await type(started.user_code)
  const ask = () => oauth.deviceCodeGrantRequest(server, tv, none, started.device_code, insecure)
  await assert.rejects(oauth.processDeviceCodeResponse(server, tv, await ask()), { error: 'authorization_pending' })
  const login = await type(started.user_code, { confirm: 'yes' })
  assert.match(await logIn(browser, login.url), /Your device is connected/)
  const tokens = await oauth.processDeviceCodeResponse(server, tv, await ask())
  assert.equal((await served.callApi(`Bearer ${tokens.access_token}`)).status, 200)
  assert.equal(await errorOf(await ask()), 'invalid_grant', 'once means once')
  await eventually('it is refused', async () => (await served.callApi(`Bearer ${tokens.access_token}`)).status === 401)
})

test('a device that asks too often is told to slow down', async () => {
  const { device_code } = await begin('orders:read')
  const told = [await errorOf(await pollOnce(device_code)), await errorOf(await pollOnce(device_code))]
  assert.deepEqual(told, ['authorization_pending', 'slow_down'])
  await new Promise((resolve) => setTimeout(resolve, 4100))
  assert.equal(await errorOf(await pollOnce(device_code)), 'authorization_pending')
})

test('who refuses the device has it told so; the code opens nothing any more', async () => {
  const started = await begin('orders:read')
  const { type } = await openPage(started.verification_uri)
  const refused = await type(started.user_code, { confirm: 'yes', abort: 'yes' })
  assert.match(await refused.response.text(), /The device was refused/)
  assert.equal(await errorOf(await pollOnce(started.device_code)), 'access_denied')
  const again = await openPage(started.verification_uri)
  assert.equal((await again.type(started.user_code)).response.status, 422)
})

test('who does not agree after logging in has it told so too', async () => {
  const started = await begin('orders:read')
  const { browser, type } = await openPage(started.verification_uri)
  const login = await type(started.user_code, { confirm: 'yes' })
  const consent = await browser.submit(login.url, alice)
  const end = await browser.submit(`${consent.url}/cancel`, {})
  assert.match(await end.response.text(), /The device was refused/)
  assert.equal(await errorOf(await pollOnce(started.device_code)), 'access_denied')
})

describe('attacks', () => {
  test('a device code is of no use to another client', async () => {
    const { device_code } = await begin('orders:read')
    assert.equal(await errorOf(await pollOnce(device_code, 'other-television')), 'invalid_grant')
    assert.equal(await errorOf(await pollOnce(`${device_code}x`)), 'invalid_grant')
  })

  test('clients without the grant get no codes', async () => {
    const body = new URLSearchParams({ client_id: 'cli' })
    const response = await fetch(`${served.issuer}/device_authorization`, { method: 'POST', body })
    assert.equal(response.status, 400)
    assert.equal(await errorOf(response), 'invalid_request')
  })

  test('a form of another site, and one of another browser, confirm nothing', async () => {
    const started = await begin('orders:read')
    const fields = { xsrf: 'x', user_code: started.user_code, confirm: 'yes' }
    const body = new URLSearchParams(fields).toString()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const evil = { ...form, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const { browser } = await openPage(started.verification_uri)
    const url = `${served.issuer}/device`
    assert.equal((await browser.request(url, { method: 'POST', body, headers: evil })).status, 403)
    const own = await browser.submit(url, fields)
    assert.equal(own.response.status, 400)
    const other = await new LoginBrowser().submit(url, fields)
    assert.equal(other.response.status, 400)
    assert.match(await other.response.text(), /<form method="get"[\s\S]*value="[B-Z]{4}-[B-Z]{4}"/)
    assert.equal(await errorOf(await pollOnce(started.device_code)), 'authorization_pending')
  })

  test('text that callers choose stays text', async () => {
    const { page } = await openPage(`${served.issuer}/device?user_code=${encodeURIComponent('"><b>x</b>')}`)
    assert.doesNotMatch(page, /<b>x/)
  })

  test('the code is kept as nothing that could be typed', async () => {
    const started = await begin('orders:read')
    const { readFile } = await import('node:fs/promises')
    const files = ['portcullis.db', 'portcullis.db-wal'].map((name) => `${served.gateway.folder}/data/${name}`)
    for (const file of files) {
      const bytes = await readFile(file).catch(() => Buffer.alloc(0))
      assert.equal(bytes.includes(started.user_code.replace('-', '')), false)
      assert.equal(bytes.includes(started.device_code), false)
    }
  })

  test('codes cannot be guessed: after twenty, nobody at this address may go on, however right it is', async () => {
    const { user_code, verification_uri } = await begin('orders:read')
    const { type } = await openPage(verification_uri)
    const statuses: number[] = []
    // The tests before have used some of them up.
    for (let i = 0; i < 21; i++) statuses.push((await type(`BBBB-BB${String.fromCharCode(66 + i)}B`)).response.status)
    assert.ok(statuses.includes(422))
    assert.equal(statuses.at(-1), 429)
    const right = await type(user_code)
    assert.equal(right.response.status, 429)
    assert.ok(Number(right.response.headers.get('retry-after')) > 0)
  })
})
