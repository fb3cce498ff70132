import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, beforeEach } from 'node:test'
import type { Frame, Page } from 'playwright-core'
import { WebSocketServer } from 'ws'
import { createBrowserTest, fetchIn, readIn } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startWeb, type TestWeb } from '../support/web.ts'

const api = 'https://api.example.test'
const app = 'https://app.example.test'
/** A host that an attacker took over: cookies of its neighbours come along with its requests, whatever `SameSite` says. */
const evil = 'https://evil.example.test'

const foreignPages = [
  evil,
  'https://app.example.test.evil.test',
  'https://evil-app.example.test',
  'https://app.example.test.',
  'https://app.example.test:8443',
  'http://app.example.test',
  'sandboxed frame',
  'data: frame',
]

/** The mistake that the policy is there for: whoever asks may read, with the user's cookies. */
const answer: RequestListener = ({ url, headers }, response) => {
  response.setHeader('access-control-allow-origin', headers.origin ?? '*')
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-allow-methods', 'PUT')
  response.setHeader('access-control-allow-headers', 'x-custom')
  if (url?.endsWith('/login')) response.setHeader('set-cookie', 'session=alice; Path=/; Secure; SameSite=Strict')
  response.end(headers.cookie)
}

const policyFile = (upstream: string) => `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: dev } }
log: { level: silent }
upstreams: { shop: { targets: ["${upstream}"] } }
defaults:
  cors: { origins: ["${app}"], credentials: true, allowedHeaders: [x-custom] }
routes:
  - { path: "/shop/{path*}", access: public, reason: a test, upstream: shop }
  - path: /bare/{path*}
    access: public
    reason: a test
    upstream: shop
    exempt: [{ policy: cors, reason: shows what happens without }]
`

let web: TestWeb

before(async () => {
  web = await startWeb({ answer, policyFile })
  const sockets = new WebSocketServer({ server: web.upstream.server })
  sockets.on('connection', (socket, { headers }) => socket.send(`${headers.cookie}`))
})
after(() => web.close())
beforeEach(() => {
  web.upstream.seen.length = 0
  web.gateway.records.length = 0
})

const browserTest = createBrowserTest(() => web)

const withCookies = { credentials: 'include' } as const
const custom = { method: 'PUT', headers: { 'x-custom': '1' } }
const forwardedMethods = () => web.upstream.seen.map(({ method }) => method)
/** Exchanges are recorded once their connection is done with them, which may be after the page got its answer. */
const recorded = (count: number) => eventually(`${count} are recorded`, () => web.gateway.records.length >= count)

browserTest('pages of other origins neither read nor change anything', async ({ open }) => {
  await readIn(await open(evil), `${api}/bare/login`, withCookies)
  for (const name of foreignPages) {
    const page = name.endsWith('frame') ? await openFrame(open, name) : await open(name)
    web.upstream.seen.length = 0
    await readIn(page, `${api}/bare/orders`, custom)
    await sendBlindly(page, `${api}/bare/orders`)
    const stolen = await readIn(page, `${api}/bare/orders`, withCookies)
    if (name === evil) assert.equal(stolen.body, 'session=alice')
    assert.deepEqual(forwardedMethods(), ['OPTIONS', 'PUT', 'POST', 'GET'], `${name}, without the policy`)

    web.upstream.seen.length = 0
    web.gateway.records.length = 0
    assert.equal(await fetchIn(page, `${api}/shop/orders`, custom), null)
    await sendBlindly(page, `${api}/shop/orders`)
    assert.equal(await fetchIn(page, `${api}/shop/orders`, withCookies), null)
    assert.equal(await fetchIn(page, `${api}/unknown`), null, 'refusals tell it nothing')
    await recorded(4)
    assert.deepEqual(
      web.gateway.records.map(({ exchange, outcome }) => [exchange.method, outcome.status, exchange.refusal?.code]),
      [
        ['OPTIONS', 403, 'cors_preflight_refused'],
        ['POST', 403, 'cors_origin_refused'],
        ['GET', 200, undefined],
        ['GET', 404, 'no_route'],
      ],
      name,
    )
    assert.deepEqual(forwardedMethods(), ['GET'], 'a read goes through, its answer does not')
  }
})

browserTest('pages of other origins open no WebSocket with the cookies of the user', async ({ open }) => {
  const page = await open(evil)
  await readIn(page, `${api}/bare/login`, withCookies)
  assert.equal(await firstMessage(page, 'wss://api.example.test/bare/socket'), 'session=alice')
  assert.equal(await firstMessage(page, 'wss://api.example.test/shop/socket'), null)
  assert.equal(await firstMessage(await open(app), 'wss://api.example.test/shop/socket'), 'session=alice')
  await recorded(4)
  assert.deepEqual(
    web.gateway.records.map(({ exchange }) => exchange.refusal?.code),
    [undefined, undefined, 'cors_origin_refused', undefined],
  )
})

/** A page without an origin in a page of the attacker's. */
async function openFrame(open: (url: string) => Promise<Page>, kind: string): Promise<Frame> {
  const attributes = kind.startsWith('data') ? 'src="data:text/html,hello"' : 'sandbox="allow-scripts" src="/"'
  web.site.pages.set('/frame', `<!doctype html><iframe ${attributes}></iframe>`)
  const page = await open(`${evil}/frame`)
  return page.frames()[1] as Frame
}

/** A simple request, for which a browser asks nobody: a form can make it too. */
function sendBlindly(page: Page | Frame, url: string): Promise<void> {
  return page.evaluate(async (url) => {
    // That the page sees an error changes nothing: the request was sent.
    await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'amount=1000' }).catch(() => {})
  }, url)
}

/** What the socket says first; null where it never opens. */
function firstMessage(page: Page, url: string): Promise<string | null> {
  return page.evaluate(
    (url) =>
      new Promise<string | null>((resolve) => {
        const socket = new WebSocket(url)
        socket.onclose = () => resolve(null)
        socket.onmessage = ({ data }) => {
          socket.close()
          resolve(data)
        }
      }),
    url,
  )
}
