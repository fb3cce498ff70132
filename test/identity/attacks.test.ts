import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { callback, createAccount, password, type ServedIdentity, secrets, serveIdentity } from '../support/identity.ts'
import { LoginBrowser } from '../support/login-browser.ts'

const alice = { username: 'alice', password }
const registered = 'https://shop.example.test/callback'
const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

describe('an attack on the identity server', () => {
  let served: ServedIdentity

  before(async () => {
    served = await serveIdentity()
    await createAccount(served.gateway.folder)
  })
  after(() => served?.stop())

  function toAuthorize(changes: Record<string, string | null> = {}): string {
    const url = new URL(`${served.issuer}/authorize`)
    const parameters = {
      client_id: 'web',
      response_type: 'code',
      scope: 'openid orders:read',
      redirect_uri: registered,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      state: 'state-1',
      ...changes,
    }
    for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value)
    return url.href
  }

  async function askToken(fields: Record<string, string>, [id, secret] = ['web', secrets.web]) {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const response = await fetch(`${served.issuer}/token`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(fields),
    })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }

  const logIn = async (changes: Record<string, string | null> = {}) =>
    new URL(await new LoginBrowser().logIn(toAuthorize(changes), alice))

  test('a redirect that is not registered, character by character, is not followed', async () => {
    for (const uri of [
      'https://shop.example.test/callback/',
      'https://shop.example.test/callback?x=1',
      'https://shop.example.test/Callback',
      'https://shop.example.test:8443/callback',
      'https://shop.example.test.evil.test/callback',
      'https://shop.example.test@evil.test/callback',
      'https://shop.example.test/callback/../other',
      'https://shop.example.test/callback#x',
      'http://shop.example.test/callback',
      'javascript:alert(1)//https://shop.example.test/callback',
      '//evil.test/callback',
    ]) {
      const response = await fetch(toAuthorize({ redirect_uri: uri }), { redirect: 'manual' })
      assert.equal(response.status, 400, uri)
      assert.equal(response.headers.get('location'), null, uri)
      assert.match(await response.text(), /invalid_redirect_uri/)
    }
  })

  test('on loopback the port may be any, and nothing else', async () => {
    const app = { client_id: 'cli', scope: 'orders:read' }
    const end = await logIn({ ...app, redirect_uri: 'http://127.0.0.1:49152/callback' })
    assert.equal(end.origin, 'http://127.0.0.1:49152')
    assert.ok(end.searchParams.has('code'))
    for (const uri of ['http://127.0.0.1:1/other', 'http://localhost:1/callback', 'https://127.0.0.1:1/callback']) {
      assert.equal((await fetch(toAuthorize({ ...app, redirect_uri: uri }), { redirect: 'manual' })).status, 400, uri)
    }
    assert.ok(callback.startsWith('http://127.0.0.1/'))
  })

  test('errors that may be told are told to the client, with who says so', async () => {
    const response = await fetch(toAuthorize({ response_type: 'token' }), { redirect: 'manual' })
    const location = new URL(response.headers.get('location') as string)
    assert.equal(location.origin, 'https://shop.example.test')
    const told = new URLSearchParams(location.hash.slice(1) || location.search)
    assert.equal(told.get('error'), 'unsupported_response_type')
    assert.equal(told.get('iss'), served.issuer)
    assert.equal(told.get('state'), 'state-1')
  })

  test('PKCE is neither left out nor weakened', async () => {
    for (const changes of [
      { code_challenge: null, code_challenge_method: null },
      { code_challenge: verifier, code_challenge_method: 'plain' },
      { code_challenge: verifier, code_challenge_method: null },
    ]) {
      const response = await fetch(toAuthorize(changes), { redirect: 'manual' })
      const location = new URL(response.headers.get('location') as string)
      assert.equal(location.searchParams.get('error'), 'invalid_request', JSON.stringify(changes))
      assert.equal(location.searchParams.get('code'), null)
    }
    const code = (await logIn()).searchParams.get('code') as string
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: registered }
    assert.equal((await askToken(redeem)).body.error, 'invalid_grant')
    assert.equal((await askToken({ ...redeem, code_verifier: challenge })).body.error, 'invalid_grant')
    assert.equal((await askToken({ ...redeem, code_verifier: verifier })).status, 200)
  })

  test('of many that redeem one code at the same time, one at most is served, and its tokens end', async () => {
    const code = (await logIn()).searchParams.get('code') as string
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: registered, code_verifier: verifier }
    const all = await Promise.all(Array.from({ length: 8 }, () => askToken(redeem)))
    assert.ok(all.filter(({ status }) => status === 200).length <= 1)
    for (const { status, body } of all) if (status !== 200) assert.equal(body.error, 'invalid_grant')
    for (const { body } of all.filter(({ status }) => status === 200)) {
      const renewed = await askToken({ grant_type: 'refresh_token', refresh_token: body.refresh_token as string })
      assert.equal(renewed.body.error, 'invalid_grant')
    }
  })

  test('of many that use one refresh token at the same time, one at most is served, and the line ends', async () => {
    const code = (await logIn()).searchParams.get('code') as string
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: registered, code_verifier: verifier }
    const { body: first } = await askToken(redeem)
    const use = { grant_type: 'refresh_token', refresh_token: first.refresh_token as string }
    const all = await Promise.all(Array.from({ length: 8 }, () => askToken(use)))
    const served = all.filter(({ status }) => status === 200)
    assert.ok(served.length <= 1)
    for (const { body } of served) {
      const renewed = await askToken({ grant_type: 'refresh_token', refresh_token: body.refresh_token as string })
      assert.equal(renewed.body.error, 'invalid_grant')
    }
  })

  test('a code is worth nothing to another client, or with another redirect', async () => {
    const code = (await logIn()).searchParams.get('code') as string
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: registered, code_verifier: verifier }
    const other = await askToken(redeem, ['batch', secrets.batch])
    assert.notEqual(other.status, 200)
    const elsewhere = await askToken({ ...redeem, redirect_uri: 'https://shop.example.test/other' })
    assert.equal(elsewhere.body.error, 'invalid_grant')
  })

  test('grants that are not there are refused', async () => {
    for (const grant of ['password', 'implicit', 'urn:ietf:params:oauth:grant-type:token-exchange', '__proto__', '']) {
      const { status, body } = await askToken({ grant_type: grant, username: 'alice', password })
      assert.equal(status, 400, grant)
      assert.ok(['unsupported_grant_type', 'invalid_request'].includes(body.error as string), grant)
    }
  })

  test('a wrong secret, a secret of another client, and a digest are no secret', async () => {
    const digest = createHash('sha256').update(secrets.batch).digest('hex')
    for (const secret of ['', 'x', secrets.web, digest, 'x'.repeat(5000)]) {
      const { status } = await askToken({ grant_type: 'client_credentials' }, ['batch', secret])
      assert.ok(status === 401 || status === 400, `${status}`)
    }
  })

  test('nothing that names an artefact by its digest is found', async () => {
    const digest = createHash('sha256').update('whatever').digest('hex')
    for (const token of [digest, `grant:${digest}`]) {
      const { body } = await askToken({ grant_type: 'refresh_token', refresh_token: token })
      assert.equal(body.error, 'invalid_grant')
    }
  })

  test('a form of another site logs nobody in and agrees to nothing', async () => {
    const browser = new LoginBrowser()
    const { url, response } = await browser.follow(toAuthorize())
    await response.text()
    for (const headers of [
      { origin: 'https://evil.test' },
      { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'cross-site' },
      { referer: 'https://evil.test/form' },
    ]) {
      const body = new URLSearchParams(alice).toString()
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const posted = await browser.request(url, { method: 'POST', body, headers: { ...type, ...headers } as never })
      assert.equal(posted.status, 403, JSON.stringify(headers))
    }
    assert.match(await browser.logIn(url, alice), /code=/)
  })

  test('a login goes on in the browser that it began in, and in no other', async () => {
    const [victim, attacker] = [new LoginBrowser(), new LoginBrowser()]
    const { url } = await attacker.follow(toAuthorize())
    assert.equal((await victim.submit(url, alice)).response.status, 400)
    await victim.follow(toAuthorize())
    assert.equal((await victim.submit(url, alice)).response.status, 400)
  })

  test('nobody learns from page, status or headers which names there are', async () => {
    const browser = new LoginBrowser()
    const { url } = await browser.follow(toAuthorize())
    const answers = []
    for (const username of ['alice', 'nobody-of-this-name']) {
      const { response } = await browser.submit(url, { username, password: 'wrong' })
      const text = (await response.text()).replaceAll(username, 'NAME')
      const headers = [...response.headers].filter(
        ([name]) => !['date', 'x-request-id', 'content-length'].includes(name),
      )
      answers.push({ status: response.status, text, headers })
    }
    assert.deepEqual(answers[0], answers[1])
    assert.equal(answers[0]?.status, 422)
  })

  test('passwords cannot be tried without end, and the limits are those of every login', async () => {
    const browser = new LoginBrowser()
    const { url } = await browser.follow(toAuthorize())
    const statuses: number[] = []
    for (let i = 0; i < 25 && !statuses.includes(429); i++) {
      const { response } = await browser.submit(url, { username: `target`, password: `guess-${i}` })
      statuses.push(response.status)
      if (response.status === 429) assert.match(response.headers.get('retry-after') ?? '', /^\d+$/)
    }
    assert.ok(statuses.includes(429), statuses.join(' '))
  })

  test('what people type stays text in the page', async () => {
    const browser = new LoginBrowser()
    const { url } = await browser.follow(toAuthorize({ login_hint: '"><script>alert(1)</script>' }))
    const { response } = await browser.submit(url, { username: `"'><img src=x onerror=alert(1)>`, password: 'x' })
    const text = await response.text()
    assert.ok(!/<img|<script/.test(text), text)
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  })

  test('cookies are not for scripts, and pages are small', async () => {
    const browser = new LoginBrowser()
    const first = await browser.request(toAuthorize())
    for (const line of first.headers.getSetCookie()) assert.match(line, /httponly/i)
    for (const line of first.headers.getSetCookie()) assert.match(line, /samesite=lax/i)
    const { response } = await browser.follow(toAuthorize())
    assert.ok((await response.arrayBuffer()).byteLength < 30_000)
  })

  test('addresses do not follow the Host that a request names', async () => {
    const response = await fetch(`${served.issuer}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.test' },
    })
    const document = await response.text()
    assert.ok(!document.includes('evil.test'))
    const { issuer, ...found } = JSON.parse(document)
    assert.equal(issuer, served.issuer)
    assert.equal(found.registration_endpoint, undefined)
    assert.deepEqual(found.code_challenge_methods_supported, ['S256'])
    assert.deepEqual(found.response_types_supported, ['code'])
  })

  test('no page of another site may read what the authorize endpoint says', async () => {
    const headers = { origin: 'https://shop.example.test' }
    const authorize = await fetch(toAuthorize(), { headers, redirect: 'manual' })
    assert.equal(authorize.headers.get('access-control-allow-origin'), null)
    const preflight = await fetch(toAuthorize(), {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'GET' },
    })
    assert.equal(preflight.headers.get('access-control-allow-origin'), null)
    const jwks = await fetch(`${served.issuer}/jwks`, { headers })
    assert.equal(jwks.headers.get('access-control-allow-origin'), 'https://shop.example.test')
  })
})
