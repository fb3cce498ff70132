import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach } from 'node:test'
import type { Page, Response as PageResponse } from 'playwright-core'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'
import { createBrowserTest, fetchIn, readIn, type Visitor } from '../support/browser.ts'
import { createTestAuthority, type IssuedCertificate } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { createAccount, password } from '../support/identity.ts'
import { startSite, type TestSite } from '../support/site.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const app = 'https://app.example.test'
/** A host of another site, and one beside ours that an attacker took over: `SameSite` does not keep cookies from it. */
const evil = 'https://evil.test'
const sibling = 'https://evil.example.test'
const pages = new URL('../../examples/spa/pages/', import.meta.url)

let folder = ''
let certificate: IssuedCertificate
let site: TestSite
let upstream: TestUpstreamServer
let system: System
let port = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-browser-login-'))
  const authority = await createTestAuthority()
  certificate = await authority.issue(['*.example.test', 'evil.test'])
  site = await startSite(certificate)
  upstream = await startUpstreamServer((request, response) => void answer(request, response))
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  const file = join(folder, 'portcullis.yaml')
  await writeFile(join(folder, 'cert.pem'), certificate.cert)
  await writeFile(join(folder, 'key.pem'), certificate.key)
  await writeFile(file, toFile(upstream.url))
  system = await startSystem({ load: () => loadPolicies(file), watched: [] })
  port = Number(new URL(system.listeners[0]?.url ?? '').port)
  await createAccount(folder)
  await createAccount(folder, { id: 'account-mallory', username: 'mallory' })
})
beforeEach(() => {
  upstream.seen.length = 0
})
after(async () => {
  await system?.stop(200)
  await upstream?.close()
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const browserTest = createBrowserTest(() => ({
  certificate,
  ports: { 'app.example.test:443': port, '*:443': site.httpsPort },
}))

/** The example's pages, an API, and a login as there are many: whoever brings a code is logged in as its owner. */
async function answer({ url = '', method }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(url, app)
  const file = pathname === '/' || pathname === '/inside' ? 'index.html' : pathname.slice(1)
  if (/^(index\.html|app\.js|style\.css)$/.test(file)) {
    const types = { html: 'text/html', js: 'text/javascript', css: 'text/css' } as Record<string, string>
    response.setHeader('content-type', types[file.split('.').at(-1) as string] as string)
    return void response.end(await readFile(new URL(file, pages)))
  }
  if (pathname === '/naive/callback') {
    response.setHeader('set-cookie', `naive=${searchParams.get('code')}; Path=/; Secure; HttpOnly; SameSite=Lax`)
    return void response.end()
  }
  response.setHeader('content-type', 'application/json')
  response.end(pathname === '/api/notes' && method === 'GET' ? '[]' : '{}')
}

const reached = () => upstream.seen.map(({ method, url }) => `${method} ${url}`)

/** Fills in the login page that a browser was led to. */
async function fillIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
}

/** Alice, logged in in one tab. */
async function logIn({ open }: Pick<Visitor, 'open'>, path = '/inside'): Promise<Page> {
  const page = await open(app + path)
  await fillIn(page, 'alice')
  await page.waitForURL(app + path)
  return page
}

async function readTransfer(response: PageResponse): Promise<string> {
  const headers = JSON.stringify([await response.allHeaders(), await response.request().allHeaders()])
  const body = await response.text().catch(() => '')
  return `${response.url()}\n${headers}\n${response.request().postData() ?? ''}\n${body}`
}

browserTest(
  'alice logs in, uses the application and logs out, and no token is ever in her browser',
  async (visitor) => {
    const { context } = visitor
    const transfers: string[] = []
    context.on('response', (response) => {
      // What comes while the browser is closed can no longer be read.
      void readTransfer(response).then(
        (text) => transfers.push(text),
        () => {},
      )
    })
    const page = await logIn(visitor, '/inside?page=2')
    await page.getByText('Hello alice').waitFor()
    await page.getByLabel('Note').fill('hello')
    await page.getByRole('button', { name: 'Add' }).click()
    await eventually('the note arrived', () => reached().includes('POST /api/notes'))

    const tokenOf = () => {
      const { rawHeaders = [] } = upstream.seen.findLast(({ url }) => url === '/api/notes') ?? {}
      return rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === 'authorization') + 1]?.split(' ')[1] ?? ''
    }
    assert.match(tokenOf(), /^eyJ/)
    assert.equal((await readIn(page, '/api/notes')).status, 200)

    const kept: string = await page.evaluate(`(async () => JSON.stringify([
    { ...localStorage }, { ...sessionStorage }, await indexedDB.databases(), await caches.keys(),
    document.cookie, document.documentElement.outerHTML,
  ]))()`)
    const cookies = (await context.cookies()).map(({ name, value, httpOnly }) => ({ name, value, httpOnly }))
    assert.ok(cookies.every(({ httpOnly }) => httpOnly))
    assert.doesNotMatch(kept, /eyJ|__Host/)
    assert.doesNotMatch(JSON.stringify(cookies), /eyJ/)

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL(`${app}/`)
    await page.getByText('You are not logged in').waitFor()
    assert.equal((await readIn(page, '/api/notes')).status, 401)
    assert.ok(!(await context.cookies()).some(({ name }) => name === '__Host-session'))
    assert.ok(transfers.length > 20)
    for (const transfer of transfers) assert.doesNotMatch(transfer, /eyJ|access_token|refresh_token/)
  },
)

for (const from of [evil, sibling]) {
  browserTest(`pages of ${from} change nothing, which they do without the policy`, async (visitor) => {
    await logIn(visitor)
    const attack = async (url: string) => {
      upstream.seen.length = 0
      await submitForm(await visitor.open(from), url, true)
      await submitForm(await visitor.open(from), url, false)
      const page = await visitor.open(from)
      await page.evaluate(
        (to) => fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' }).catch(() => {}),
        url,
      )
      const read = await fetchIn(page, url, { credentials: 'include' })
      await showImage(page, url)
      return { posts: reached().filter((line) => line.startsWith('POST')).length, read }
    }
    const naive = await attack(`${app}/naive/notes`)
    // From another site, the cookie itself stays at home (`SameSite`); from a host beside ours, it comes along.
    assert.equal(naive.posts, from === sibling ? 3 : 0)
    assert.deepEqual(await attack(`${app}/api/notes`), { posts: 0, read: null })

    await submitForm(await visitor.open(from), `${app}/auth/logout`, false)
    await showImage(await visitor.open(from), `${app}/auth/logout`)
    await showImage(await visitor.open(from), `${app}/auth/login`)
    assert.equal(await fetchIn(await visitor.open(from), `${app}/auth/me`, { credentials: 'include' }), null)
    const page = await visitor.open(`${app}/inside`)
    await page.getByText('Hello alice').waitFor()
  })
}

browserTest('nobody is logged in as somebody else by an address', async (visitor) => {
  // Mallory logs in, and keeps the address that her browser would have been sent to.
  const { context } = visitor
  const browser = context.browser()
  assert.ok(browser !== null)
  const mallory = await browser.newContext()
  const planted = await interrupt(await mallory.newPage())
  await mallory.close()

  // An application that takes any code: whoever follows the link is Mallory from then on.
  await visitor.open(`${app}/naive/callback?code=mallory`)
  assert.equal((await context.cookies(app)).find(({ name }) => name === 'naive')?.value, 'mallory')

  const alice = await logIn(visitor)
  for (const from of [evil, sibling]) {
    site.pages.set('/link', `<!doctype html><a href="${planted.replaceAll('&', '&amp;')}">a nice picture</a>`)
    const page = await visitor.open(`${from}/link`)
    const answered = page.waitForResponse((response) => response.url().startsWith(`${app}/auth/callback`))
    await page.click('a')
    assert.equal((await answered).status(), 403)
    const { body } = await readIn(alice, '/auth/me')
    assert.equal((JSON.parse(body) as { sub: string }).sub, 'account-alice')
  }
})

browserTest('a link in a mail leads to the page, by the login', async (visitor) => {
  site.pages.set('/mail', `<!doctype html><a href="${app}/inside?order=7">your order</a>`)
  const page = await visitor.open(`${evil}/mail`)
  await page.click('a')
  await fillIn(page, 'alice')
  await page.waitForURL(`${app}/inside?order=7`)
})

/** A login up to the address at which it would come back. */
async function interrupt(page: Page): Promise<string> {
  const stopped = new Promise<string>((resolve) => {
    void page.route('**/auth/callback?*', (route) => {
      resolve(route.request().url())
      return route.abort()
    })
  })
  await page.goto(`${app}/inside`)
  await page.getByLabel('User name').fill('mallory')
  await page.getByLabel('Password').fill(password)
  // Redirects are not stopped on their way: the last of them is asked for by hand.
  const answers: string[] = []
  page.on('response', (response) => answers.push(response.headers().location ?? ''))
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  return Promise.race([
    stopped,
    (async () => {
      await eventually('it comes back', () => answers.some((location) => location.includes('/auth/callback?')), 5000)
      return answers.find((location) => location.includes('/auth/callback?')) as string
    })(),
  ])
}

async function submitForm(page: Page, url: string, hidden: boolean): Promise<void> {
  const settled = page.waitForResponse((response) => response.url() === url && response.request().method() === 'POST')
  await page.evaluate(`{
    const form = Object.assign(document.createElement('form'), { method: 'post', action: ${JSON.stringify(url)} })
    if (${hidden}) {
      document.documentElement.append(Object.assign(document.createElement('iframe'), { name: 'sink', hidden: true }))
      form.target = 'sink'
    }
    document.documentElement.append(form)
    setTimeout(() => form.submit())
  }`)
  await settled
}

function showImage(page: Page, url: string): Promise<void> {
  return page.evaluate(`new Promise((resolve) => {
    const image = new Image()
    image.onload = image.onerror = () => resolve()
    image.src = ${JSON.stringify(url)}
  })`)
}

function toFile(target: string): string {
  return `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: { cert: file:cert.pem, key: file:key.pem } } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams: { app: { targets: ['${target}'] } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
identity:
  issuer: ${app}/identity
  accessTokens: { lifetime: 1m }
defaults:
  loosen:
    securityHeaders: { contentSecurityPolicy: "default-src 'self'", reason: the page has a script and a style of its own }
  browserLogin: { issuer: identity, scopes: [notes] }
routes:
  - { paths: [/, /app.js, /style.css, /naive/callback], upstream: app, access: public, reason: a test }
  - { path: /inside, upstream: app, authenticate: [browserLogin] }
  - { path: '/api/{path*}', upstream: app, authenticate: [browserLogin], authorize: { scopes: [notes] } }
  - path: '/naive/{path*}'
    upstream: app
    authenticate: [browserLogin]
    exempt: [{ policy: csrf, reason: shows what happens without }]
`
}
