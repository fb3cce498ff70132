import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before } from 'node:test'
import type { Page } from 'playwright-core'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'
import { createBrowserTest } from '../support/browser.ts'
import { createTestAuthority, type IssuedCertificate } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { createAccount, password, secrets } from '../support/identity.ts'
import { startSite, type TestSite } from '../support/site.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const api = 'https://api.example.test'
const issuer = `${api}/identity`
const redirectUri = 'https://shop.example.test/callback'
const pageUri = 'https://page.example.test/app'
const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

let folder = ''
let ca = ''
let certificate: IssuedCertificate
let site: TestSite
let upstream: TestUpstreamServer
let system: System
let port = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-identity-browser-'))
  const authority = await createTestAuthority()
  ca = authority.ca
  certificate = await authority.issue(['*.example.test'])
  site = await startSite(certificate)
  upstream = await startUpstreamServer()
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  process.env.TEST_WEB_SECRET = secrets.web
  const file = join(folder, 'portcullis.yaml')
  await writeFile(join(folder, 'cert.pem'), certificate.cert)
  await writeFile(join(folder, 'key.pem'), certificate.key)
  await writeFile(file, toFile(upstream.url))
  system = await startSystem({ load: () => loadPolicies(file), watched: [] })
  port = Number(new URL(system.listeners[0]?.url ?? '').port)
  await createAccount(folder)
})
after(async () => {
  await system?.stop(200)
  await upstream?.close()
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const browserTest = createBrowserTest(() => ({
  certificate,
  ports: { 'api.example.test:443': port, '*:443': site.httpsPort },
}))

function toAuthorize(changes: Record<string, string> = {}): string {
  const parameters = {
    client_id: 'web',
    response_type: 'code',
    scope: 'openid orders:read',
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  return `${issuer}/authorize?${new URLSearchParams(parameters)}`
}

/** What the client and the API ask, without a browser. */
async function ask(path: string, headers: Record<string, string>, body?: Record<string, string>) {
  const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  const [method, host] = [body === undefined ? 'GET' : 'POST', '127.0.0.1']
  const common = { host, port, path, method, ca, servername: 'api.example.test' }
  const outgoing = request({ ...common, headers: { host: 'api.example.test', ...form, ...headers } })
  outgoing.end(body === undefined ? undefined : new URLSearchParams(body).toString())
  const [response] = await once(outgoing, 'response')
  return { status: response.statusCode as number, body: await text(response) }
}

async function reachCallback(page: Page): Promise<URL> {
  await page.waitForURL((url) => url.hostname === 'shop.example.test')
  return new URL(page.url())
}

browserTest(
  'a person logs in with the keyboard alone, agrees, and what the client got is revoked in the end',
  async ({ open }) => {
    const page = await open(toAuthorize())
    const problems: string[] = []
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    assert.equal(await page.title(), 'Log in')

    // The name has the focus already; what is wrong is said to screen readers too.
    await page.keyboard.type('alice')
    await page.keyboard.press('Tab')
    await page.keyboard.type('not the password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    assert.match(await page.getByRole('alert').innerText(), /wrong/)
    assert.equal(await page.getByLabel('User name').inputValue(), 'alice')
    assert.equal(await page.getByLabel('Password').getAttribute('aria-describedby'), 'problem')

    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.getByText('The web shop').waitFor()
    assert.match(await page.locator('main').innerText(), /know who you are[\s\S]*orders:read[\s\S]*shop\.example\.test/)
    await page.keyboard.press('Enter')
    const end = await reachCallback(page)
    const code = end.searchParams.get('code') as string
    assert.equal(end.searchParams.get('iss'), issuer)
    // The refusal of a password is an error to the console; nothing else was, the content policy above all.
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('422')),
      [],
    )

    const authorization = `Basic ${Buffer.from(`web:${secrets.web}`).toString('base64')}`
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
    const answer = await ask('/identity/token', { authorization }, redeem)
    assert.equal(answer.status, 200, answer.body)
    const { access_token: token } = JSON.parse(answer.body)
    const bearer = { authorization: `Bearer ${token}` }
    assert.equal((await ask('/orders', bearer)).status, 200)
    assert.equal((await ask('/identity/revoke', { authorization }, { token })).status, 200)
    await eventually('the API refuses it', async () => (await ask('/orders', bearer)).status === 401, 1000)
  },
)

browserTest('cookies are bound to the host, and no script sees them', async ({ context, open }) => {
  const page = await open(toAuthorize())
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await reachCallback(page)
  const session = (await context.cookies(issuer)).find(({ name }) => name === '__Host-portcullis-login')
  assert.deepEqual(
    [session?.httpOnly, session?.secure, session?.sameSite, session?.path, session?.domain],
    [true, true, 'Lax', '/', 'api.example.test'],
  )
})

browserTest('who does not agree is sent back without a code', async ({ open }) => {
  const page = await open(toAuthorize())
  await page.getByRole('button', { name: 'Cancel' }).click()
  const end = await reachCallback(page)
  assert.equal(end.searchParams.get('error'), 'access_denied')
  assert.equal(end.searchParams.get('code'), null)
})

browserTest('a page beside ours cannot send the form of a login that goes on', async ({ context, open }) => {
  const page = await open(toAuthorize())
  const target = page.url()
  // The attack at its best: it knows the address of the login, and `SameSite` keeps no cookie from a host of the same site.
  site.pages.set(
    '/attack',
    `<!doctype html><form method="post" action="${target}"><input name="username" value="mallory"><input name="password" value="${password}"></form><script>document.forms[0].submit()</script>`,
  )
  const evil = await context.newPage()
  const answered = evil.waitForResponse((response) => response.url() === target)
  await evil.goto('https://evil.example.test/attack')
  assert.equal((await answered).status(), 403)
  await page.bringToFront()
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
})

browserTest('logging out is asked for, and done', async ({ open }) => {
  const page = await open(toAuthorize())
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await reachCallback(page)
  await page.goto(`${issuer}/logout?client_id=web&post_logout_redirect_uri=https%3A%2F%2Fshop.example.test%2Fbye`)
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.waitForURL('https://shop.example.test/bye')
  await page.goto(toAuthorize())
  assert.equal(await page.title(), 'Log in')
})

browserTest('an answer by form reaches the client', async ({ open }) => {
  const page = await open(toAuthorize({ response_mode: 'form_post' }))
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  const end = await reachCallback(page)
  assert.equal(end.search, '')
})

browserTest('pages can be read on a phone and with large text', async ({ open }) => {
  const page = await open(toAuthorize())
  await page.setViewportSize({ width: 320, height: 480 })
  const overflow = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  assert.equal(await overflow(), 0)
  await page.evaluate('document.documentElement.style.fontSize = "200%"')
  assert.equal(await overflow(), 0)
})

const library = readFileSync(
  new URL('../../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url),
  'utf8',
)

browserTest('a page with another library gets tokens by discovery, renews and revokes them', async ({ open }) => {
  const settings = { authority: issuer, client_id: 'page', redirect_uri: pageUri, scope: 'openid orders:read' }
  site.pages.set('/library.js', library)
  site.pages.set(
    '/app',
    `<!doctype html><link rel="icon" href="data:,"><script src="/library.js"></script><script>
manager = new oidc.UserManager(${JSON.stringify({ ...settings, revokeTokensOnSignout: true })})
</script>`,
  )
  const page = await open(pageUri)
  await page.evaluate('void manager.signinRedirect()')
  await page.getByLabel('User name').fill('alice')
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await page.waitForURL((url) => url.hostname === 'page.example.test')
  const user = (await page.evaluate('manager.signinCallback().then((user) => ({ ...user }))')) as {
    readonly access_token: string
    readonly refresh_token: string
    readonly profile: { readonly sub: string }
  }
  assert.equal(user.profile.sub, 'account-alice')
  const renewed = (await page.evaluate('manager.signinSilent().then((user) => ({ ...user }))')) as typeof user
  assert.notEqual(renewed.refresh_token, user.refresh_token)
  const call = () => ask('/orders', { authorization: `Bearer ${renewed.access_token}` })
  assert.equal((await call()).status, 200)
  await page.evaluate('manager.revokeTokens()')
  await eventually('the token is refused', async () => (await call()).status === 401)
})

browserTest('a page elsewhere gets no token with a code and a client of others', async ({ open }) => {
  const page = await open('https://evil.example.test/')
  const fields = { grant_type: 'authorization_code', client_id: 'page', code: 'x', redirect_uri: pageUri }
  const post = (headers: Record<string, string> = {}) =>
    page.evaluate(
      ([url, body, more]) =>
        fetch(url, { method: 'POST', body: new URLSearchParams(body), headers: more }).then(
          ({ status }) => String(status),
          () => 'unreadable',
        ),
      [`${issuer}/token`, fields, headers] as const,
    )
  assert.equal(await post(), 'unreadable')
  await page.goto(pageUri)
  assert.equal(await post(), '400')
  // A preflight is answered, as programs that prove possession of a key need it.
  assert.equal(await post({ dpop: 'x' }), '400')
  const authorize = await page.evaluate(
    (url) =>
      fetch(url).then(
        () => 'readable',
        () => 'unreadable',
      ),
    toAuthorize(),
  )
  assert.equal(authorize, 'unreadable')
})

function toFile(target: string): string {
  return `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: { cert: file:cert.pem, key: file:key.pem } } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams: { api: { targets: ['${target}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
identity:
  issuer: ${issuer}
  clients:
    - id: web
      name: The web shop
      secret: env:TEST_WEB_SECRET
      scopes: ['orders:read']
      redirectUris: ['${redirectUri}']
      postLogoutRedirectUris: ['https://shop.example.test/bye']
    - { id: page, name: A page, scopes: ['orders:read'], redirectUris: ['${pageUri}'] }
routes: [{ path: /orders, upstream: api, authenticate: [jwt], authorize: { scopes: ['orders:read'] } }]
`
}
