import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach } from 'node:test'
import type { Page } from 'playwright-core'
import { WebSocketServer } from 'ws'
import { createEpochBuffer, openChangeEpoch, openEpochWriter } from '../../src/stores/change-epoch.ts'
import { changeEpochPort } from '../../src/stores/ports/change-log.ts'
import { sessionLookupPort, sessionStorePort } from '../../src/stores/ports/session-store.ts'
import { createSessionLookup } from '../../src/stores/session-lookup.ts'
import { createSessionStore } from '../../src/stores/session-store.ts'
import { openSqliteReader } from '../../src/stores/sqlite/sqlite-reader.ts'
import { openSqliteStore, type SqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { createBrowserTest, fetchIn, readIn, type Visitor } from '../support/browser.ts'
import { startWeb, type TestWeb } from '../support/web.ts'

const api = 'https://api.example.test'
/** A host of another site, and one beside ours that an attacker took over: `SameSite` does not keep cookies from it. */
const evil = 'https://evil.test'
const sibling = 'https://evil.example.test'

/** An application as there are many: it takes whatever comes with a good cookie, and forms for JSON. */
const answer: RequestListener = ({ url = '', method }, response) => {
  response.setHeader('content-type', 'text/html')
  if (url.endsWith('/login')) response.setHeader('portcullis-session', '{"subject":"alice","roles":["customer"]}')
  if (url.endsWith('/role')) response.setHeader('portcullis-session', '{"subject":"alice","roles":["admin"]}')
  if (url.endsWith('/logout')) response.setHeader('portcullis-session', 'end')
  // What an application of before would set: for every site, as old browsers took it.
  if (url.endsWith('/legacy/login')) response.setHeader('set-cookie', 'sid=alice; Path=/; Secure; SameSite=None')
  response.end(`<!doctype html><link rel="icon" href="data:,"><p>${method} ${url}</p>`)
}

const unprotected = 'exempt: [{ policy: csrf, reason: shows what happens without }]'
const policyFile = (upstream: string) => `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: dev } }
log: { level: silent }
upstreams: { shop: { targets: ["${upstream}"] } }
defaults:
  loosen: { securityHeaders: { contentSecurityPolicy: "default-src 'self' wss:", reason: pages with forms and sockets } }
  session: { logout: { path: /logout, next: /home } }
routes:
  - path: /home
    access: public
    reason: a test
    upstream: shop
  - path: /login
    methods: [POST]
    access: public
    reason: a test
    upstream: shop
    establishSession: { reason: a test }
  - { path: /role, methods: [POST], authenticate: [session], upstream: shop, establishSession: { reason: a test } }
  - { path: "/shop/{path*}", authenticate: [session], upstream: shop }
  - { path: "/tokens/{path*}", authenticate: [session], upstream: shop, csrf: { token: require } }
  - { path: "/bare/{path*}", authenticate: [session], upstream: shop, ${unprotected} }
  - { path: "/bare-legacy/{path*}", access: public, reason: a test, upstream: shop }
  - { path: "/legacy/{path*}", access: public, reason: a test, upstream: shop, csrf: { cookies: [sid] } }
`

let web: TestWeb
let store: SqliteStore
const folder = mkdtempSync(join(tmpdir(), 'portcullis-csrf-browser-'))

before(async () => {
  const path = join(folder, 'portcullis.db')
  store = await openSqliteStore({ path })
  const reader = openSqliteReader({ path })
  const buffer = createEpochBuffer()
  openEpochWriter(buffer).touch()
  // Nothing is remembered: what a thread would hear from the change log, this test hears at once.
  const epoch = { ...openChangeEpoch(buffer), readable: () => false }
  web = await startWeb({
    answer,
    policyFile,
    ports: [
      [sessionStorePort, createSessionStore(store.db)],
      [sessionLookupPort, createSessionLookup(reader.db, reader.read)],
      [changeEpochPort, epoch],
    ],
  })
  const sockets = new WebSocketServer({ server: web.upstream.server })
  sockets.on('connection', (socket) => socket.send('open'))
})
after(async () => {
  await web.close()
  store.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  web.upstream.seen.length = 0
})

const browserTest = createBrowserTest(() => web)
const reached = () => web.upstream.seen.map(({ method, url }) => `${method} ${url}`)

/** Alice, logged in in one tab. */
async function logIn({ open, context }: Visitor): Promise<Page> {
  const page = await open(`${api}/home`)
  const { status } = await readIn(page, '/login', { method: 'POST' })
  assert.equal(status, 200)
  const [cookie, ...others] = (await context.cookies()).filter(({ name }) => name === '__Host-session')
  assert.equal(others.length, 0)
  assert.deepEqual(
    [cookie?.domain, cookie?.path, cookie?.httpOnly, cookie?.secure, cookie?.sameSite],
    ['api.example.test', '/', true, true, 'Lax'],
  )
  web.upstream.seen.length = 0
  return page
}

/** What a page of the attacker's can have a browser send without asking anybody. */
const attacks: Readonly<Record<string, (page: Page, url: string) => Promise<unknown>>> = {
  'a form': (page, url) => submitForm(page, url, 'application/x-www-form-urlencoded'),
  'JSON from a text/plain form': (page, url) => submitForm(page, url, 'text/plain'),
  'an upload form in a hidden frame': (page, url) => submitForm(page, url, 'multipart/form-data', true),
  'a blind fetch': (page, url) => fetchBlindly(page, url, 'POST'),
  'a beacon': (page, url) =>
    page.evaluate(
      `new Promise((done) => setTimeout(done, navigator.sendBeacon(${JSON.stringify(url)}, 'x') ? 500 : 0))`,
    ),
}

browserTest(
  'a host of the same site that was taken over does what it likes without the policy, and nothing with it',
  async (visitor) => {
    await logIn(visitor)
    for (const [name, attack] of Object.entries(attacks)) {
      web.upstream.seen.length = 0
      await attack(await visitor.open(sibling), `${api}/bare/pay`)
      assert.deepEqual(reached(), ['POST /bare/pay'], `${name}, without the policy`)
      await attack(await visitor.open(sibling), `${api}/shop/pay`)
      assert.deepEqual(reached(), ['POST /bare/pay'], name)
    }
  },
)

browserTest('another site uses cookies of an application of before, and nothing with the policy', async (visitor) => {
  const page = await visitor.open(`${api}/home`)
  await readIn(page, '/legacy/login')
  for (const site of [evil, sibling]) {
    for (const [name, attack] of Object.entries(attacks)) {
      // To what is no navigation of the whole page, Chromium adds no cookie of another site.
      if (site === evil && !name.endsWith('form')) continue
      web.upstream.seen.length = 0
      await attack(await visitor.open(site), `${api}/bare-legacy/pay`)
      assert.deepEqual(reached(), ['POST /bare-legacy/pay'], `${name} of ${site}, without the policy`)
      const { rawHeaders = [] } = web.upstream.seen[0] ?? {}
      assert.ok(
        rawHeaders.some((value) => value.includes('sid=alice')),
        `${name} of ${site} brings the cookie`,
      )
      await attack(await visitor.open(site), `${api}/legacy/pay`)
      assert.deepEqual(reached(), ['POST /bare-legacy/pay'], `${name} of ${site}`)
    }
  }
})

browserTest('no other page opens a WebSocket with the session of its visitor', async (visitor) => {
  const own = await logIn(visitor)
  const page = await visitor.open(sibling)
  assert.equal(await firstMessage(page, 'wss://api.example.test/bare/socket'), 'open', 'without the policy')
  assert.equal(await firstMessage(page, 'wss://api.example.test/shop/socket'), null)
  assert.equal(await firstMessage(own, 'wss://api.example.test/shop/socket'), 'open')
})

browserTest('nobody is logged in, logged out or given a token by another page', async (visitor) => {
  await logIn(visitor)
  for (const site of [evil, sibling]) {
    await submitForm(await visitor.open(site), `${api}/login`, 'application/x-www-form-urlencoded')
    await submitForm(await visitor.open(site), `${api}/logout`, 'application/x-www-form-urlencoded')
    const page = await visitor.open(site)
    const url = `${api}/.well-known/portcullis/csrf`
    assert.equal(await fetchIn(page, url, { credentials: 'include' }), null)
  }
  assert.deepEqual(reached(), [])
  const page = await visitor.open(`${api}/shop/still-there`)
  assert.match(await page.innerText('p'), /GET \/shop\/still-there/)
})

browserTest('its own pages work: scripts, forms, logout; and so does a link in a mail', async (visitor) => {
  const page = await logIn(visitor)
  assert.equal((await readIn(page, '/shop/orders', { method: 'POST', body: '{}' })).status, 200)
  assert.equal((await readIn(page, '/shop/orders', { method: 'DELETE' })).status, 200)
  await submitForm(page, `${api}/shop/form`, 'multipart/form-data')
  assert.match(await page.innerText('p'), /POST \/shop\/form/)
  web.site.pages.set('/mail', `<!doctype html><a href="${api}/shop/order/7">your order</a>`)
  const mail = await visitor.open(`${evil}/mail`)
  await mail.click('a')
  assert.match(await mail.innerText('p'), /GET \/shop\/order\/7/)
  await submitForm(page, `${api}/logout`, 'application/x-www-form-urlencoded')
  await page.waitForURL(`${api}/home`)
  assert.equal((await readIn(page, '/shop/orders')).status, 401)
  assert.deepEqual(
    (await visitor.context.cookies()).filter(({ name }) => name === '__Host-session'),
    [],
  )
})

browserTest('a secret from before a login or a change of roles is worth nothing afterwards', async (visitor) => {
  const secret = async () => (await visitor.context.cookies()).find(({ name }) => name === '__Host-session')?.value
  const page = await logIn(visitor)
  const secrets = [await secret()]
  for (const path of ['/role', '/login']) {
    await readIn(page, path, { method: 'POST' })
    secrets.push(await secret())
  }
  assert.equal(new Set(secrets).size, 3)
  const last = secrets.pop() as string
  const call = async (value: string | undefined) => {
    await visitor.context.clearCookies()
    const cookie = { name: '__Host-session', value: `${value}`, url: api, secure: true, httpOnly: true }
    await visitor.context.addCookies([cookie])
    return (await readIn(page, '/shop/orders')).status
  }
  for (const value of secrets) assert.equal(await call(value), 401)
  assert.equal(await call(last), 200)
})

browserTest('a page with a token gets through where tokens are asked for, by header and by form', async (visitor) => {
  const page = await logIn(visitor)
  assert.equal((await readIn(page, '/tokens/orders', { method: 'POST' })).status, 403)
  const { body } = await readIn(page, '/.well-known/portcullis/csrf')
  const { token, header, field } = JSON.parse(body) as Record<'token' | 'header' | 'field', string>
  assert.equal((await readIn(page, '/tokens/orders', { method: 'POST', headers: { [header]: token } })).status, 200)
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
    await submitForm(page, `${api}/tokens/form`, type, false, { [field]: token })
    assert.match(await page.innerText('p'), /POST \/tokens\/form/, type)
  }
  // What an attacker could learn somewhere is of no use from elsewhere.
  web.upstream.seen.length = 0
  await submitForm(await visitor.open(sibling), `${api}/tokens/form`, 'multipart/form-data', false, { [field]: token })
  assert.deepEqual(reached(), [])
})

/** Fills in a form and sends it, into this page or into a hidden frame, and waits for what it leads to. */
async function submitForm(
  page: Page,
  url: string,
  enctype: string,
  hidden = false,
  fields: Readonly<Record<string, string>> = { '{"amount":1000,"x":"': '"}' },
): Promise<void> {
  const settled = page.waitForResponse((response) => response.url() === url && response.request().method() === 'POST')
  await page.evaluate(`{
    const { url, enctype, hidden, fields } = ${JSON.stringify({ url, enctype, hidden, fields })}
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url, enctype })
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { name, value }))
    }
    if (hidden) {
      document.documentElement.append(Object.assign(document.createElement('iframe'), { name: 'sink', hidden }))
      form.target = 'sink'
    }
    document.documentElement.append(form)
    // Behind the end of this script, so that leaving the page does not cut it off.
    setTimeout(() => form.submit())
  }`)
  await settled
  if (!hidden) await page.waitForLoadState()
}

/** A request that asks nobody beforehand; that its page sees nothing of the answer changes nothing. */
function fetchBlindly(page: Page, url: string, method: string): Promise<void> {
  return page.evaluate(
    async ({ url, method }) => {
      await fetch(url, { method, mode: 'no-cors', credentials: 'include', body: '{"amount":1000}' }).catch(() => {})
    },
    { url, method },
  )
}

/** What the socket says first; null where it never opens. */
function firstMessage(page: Page, url: string): Promise<string | null> {
  return page.evaluate(
    (to) =>
      new Promise<string | null>((resolve) => {
        const socket = new WebSocket(to)
        socket.onclose = () => resolve(null)
        socket.onmessage = ({ data }) => {
          socket.close()
          resolve(data)
        }
      }),
    url,
  )
}
