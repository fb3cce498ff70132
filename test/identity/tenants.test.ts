import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { callback, createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'
import { findLink, readMails } from '../support/mail-folder.ts'

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

// The same clients, with the same secrets, at both: nothing but the separation tells them apart.
const clients = `
        - { id: batch, secret: env:TEST_BATCH_SECRET, grants: [clientCredentials], scopes: ['orders:read'] }
        - { id: web, secret: env:TEST_WEB_SECRET, scopes: ['orders:read'], redirectUris: ['${callback}'], consent: given }`
const identity = `  mail: { folder: mails }
  tenants:
    north:
      clients:${clients}
    south:
      accessTokens: { lifetime: 5m }
      mail: { folder: mails-of-south }
      clients:${clients}`
const routes = ['north', 'south']
  .map((name) => `  - { path: /${name}, upstream: api, authenticate: [jwt], jwt: { issuers: [${name}] } }`)
  .join('\n')

describe('tenants of the identity server', () => {
  let served: ServedIdentity
  const issuerOf = (tenant: string) => `${served.issuer}/t/${tenant}`

  before(async () => {
    served = await serveIdentity({ identity, routes })
    const { folder } = served.gateway
    await createAccount(folder, { id: 'alice-of-north', username: 'alice@shop.test', tenant: 'north' })
    await createAccount(folder, { id: 'alice-of-south', username: 'alice@shop.test', tenant: 'south', roles: ['boss'] })
  })
  after(() => served?.stop())

  async function ask(issuer: string, path: string, fields: Record<string, string>, [id, secret] = web) {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const body = new URLSearchParams(fields)
    const response = await fetch(`${issuer}${path}`, { method: 'POST', headers: { authorization }, body })
    const text = await response.text()
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, string> }
  }
  const web: readonly [string, string] = ['web', secrets.web]
  const call = async (path: string, token: string | undefined) =>
    (await fetch(`${served.origin}${path}`, { headers: { authorization: `Bearer ${token}` } })).status
  const authorize = (issuer: string) =>
    `${issuer}/authorize?${new URLSearchParams({
      client_id: 'web',
      response_type: 'code',
      scope: 'openid orders:read',
      redirect_uri: callback,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    })}`
  const redeem = (issuer: string, code: string) =>
    ask(issuer, '/token', {
      ...{ grant_type: 'authorization_code', code },
      ...{ redirect_uri: callback, code_verifier: verifier },
    })
  async function logIn(issuer: string, browser = new LoginBrowser()) {
    const end = await browser.logIn(authorize(issuer), { username: 'alice@shop.test', password })
    return { browser, code: new URL(end).searchParams.get('code') ?? '' }
  }

  test('each has an issuer, keys and tokens of its own, which only routes that name it accept', async () => {
    const machine: readonly [string, string] = ['batch', secrets.batch]
    const kids = new Set<string>()
    for (const issuer of [served.issuer, issuerOf('north'), issuerOf('south')]) {
      const found = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Record<string, string>
      assert.equal(found.issuer, issuer)
      const { keys } = (await (await fetch(found.jwks_uri as string)).json()) as { keys: { kid: string }[] }
      for (const { kid } of keys) kids.add(kid)
    }
    assert.equal(kids.size, 3)
    const grant = { grant_type: 'client_credentials', scope: 'orders:read' }
    const tokens = await Promise.all(
      [served.issuer, issuerOf('north'), issuerOf('south')].map(async (issuer) => {
        const { body } = await ask(issuer, '/token', grant, machine)
        return body.access_token as string
      }),
    )
    const [none, north, south] = tokens.map((token) => decodeJwt(token))
    assert.deepEqual([none?.tenant, north?.tenant, south?.tenant], [undefined, 'north', 'south'])
    assert.equal((south?.exp ?? 0) - (south?.iat ?? 0), 300, 'a lifetime of its own')
    assert.equal((north?.exp ?? 0) - (north?.iat ?? 0), 600, 'that of the block')
    const accepted = await Promise.all(
      ['/orders', '/north', '/south'].map((path) => Promise.all(tokens.map((token) => call(path, token)))),
    )
    assert.deepEqual(accepted, [
      [200, 401, 401],
      [401, 200, 401],
      [401, 401, 200],
    ])
  })

  test('a code and a refresh token of one are worth nothing at another, and are not used up there', async () => {
    const { code } = await logIn(issuerOf('north'))
    for (const other of [issuerOf('south'), served.issuer])
      assert.equal((await redeem(other, code)).body.error, 'invalid_grant')
    const { status, body } = await redeem(issuerOf('north'), code)
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(decodeJwt(body.access_token as string).sub, 'alice-of-north')
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token as string }
    for (const other of [issuerOf('south'), served.issuer])
      assert.equal((await ask(other, '/token', refresh)).body.error, 'invalid_grant')
    assert.equal((await ask(issuerOf('north'), '/token', refresh)).status, 200)

    const token = { token: body.access_token as string }
    assert.deepEqual((await ask(issuerOf('south'), '/introspect', token)).body, { active: false })
    await ask(issuerOf('south'), '/revoke', token)
    assert.equal(await call('/north', body.access_token), 200)
    await ask(issuerOf('north'), '/revoke', token)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.equal(await call('/north', body.access_token), 401)
  })

  test('who is logged in at one is nobody at another, whatever the cookie is called', async () => {
    const { browser } = await logIn(issuerOf('north'))
    const show = (tenant: string, cookie: string) =>
      fetch(`${issuerOf(tenant)}/account`, { headers: { cookie }, redirect: 'manual' })
    const value = browser.cookies.get('portcullis-login-north')?.value as string
    assert.equal((await show('north', `portcullis-login-north=${value}`)).status, 200)
    for (const cookie of [`portcullis-login-north=${value}`, `portcullis-login-south=${value}`]) {
      const { status, headers } = await show('south', cookie)
      assert.equal(status, 303)
      assert.match(headers.get('location') ?? '', /\/t\/south\/authorize/)
    }
    // In one browser both logins are there side by side.
    await logIn(issuerOf('south'), browser)
    for (const tenant of ['north', 'south']) {
      assert.match(await (await browser.request(`${issuerOf(tenant)}/account`)).text(), /alice@shop\.test/)
    }
  })

  test('a login that began at one does not go on at another', async () => {
    const browser = new LoginBrowser()
    const { url } = await browser.follow(authorize(issuerOf('north')))
    const step = browser.cookies.get('portcullis-step-north')?.value as string
    const uid = new URL(url).pathname.split('/').at(-1) as string
    const ask = (tenant: string) =>
      fetch(`${issuerOf(tenant)}/login/${uid}`, { headers: { cookie: `portcullis-step-${tenant}=${step}` } })
    assert.equal((await ask('north')).status, 200)
    const refused = await ask('south')
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), /login_not_found/)
  })

  test('a link in a mail opens the account of its own tenant, and of no other', async () => {
    const headers = { origin: served.origin, 'sec-fetch-site': 'same-origin' }
    const body = new URLSearchParams({ email: 'alice@shop.test' })
    await fetch(`${issuerOf('south')}/reset`, { method: 'POST', headers, body })
    // By the way that its own mails go.
    const [mail = ''] = await readMails(join(served.gateway.folder, 'mails-of-south'), 'alice@shop.test', 1)
    const link = findLink(mail)
    assert.ok(link.startsWith(`${issuerOf('south')}/reset/confirm?token=`), link)
    assert.equal((await fetch(link.replace('/t/south', '/t/north'))).status, 410)
    const token = new URL(link).searchParams.get('token') as string
    const choose = (tenant: string) =>
      fetch(`${issuerOf(tenant)}/reset/confirm`, {
        ...{ method: 'POST', headers },
        body: new URLSearchParams({ token, 'new-password': 'seven owls over a pond' }),
      })
    assert.equal((await choose('north')).status, 410)
    assert.equal((await choose('south')).status, 200)
    assert.notEqual((await logIn(issuerOf('north'))).code, '', 'the other one has her password still')
    assert.equal((await logIn(issuerOf('south'))).code, '')
  })
})
