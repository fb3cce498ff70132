import assert from 'node:assert/strict'
import { after, before, beforeEach } from 'node:test'
import { createBrowserTest, fetchIn, readIn } from '../support/browser.ts'
import { compilePolicyFile } from '../support/policy-gateway.ts'
import { startWeb, type TestWeb } from '../support/web.ts'

const api = 'http://api.example.test'
/** An application that still travels in clear itself; one over HTTPS is kept from calling `http:` by its browser. */
const app = 'http://app.example.test'

const policyFile = (upstream: string, http = '{ host: 127.0.0.1, port: 0 }') => `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev }
  http: ${http}
log: { level: silent }
upstreams: { shop: { targets: ["${upstream}"] } }
defaults:
  cors: { origins: ["${app}"], credentials: true }
routes:
  - path: /{path*}
    access: public
    reason: a test
    upstream: shop
    exempt: [{ policy: securityHeaders, reason: "with HSTS, nothing would come in clear a second time" }]
`

let web: TestWeb

before(async () => {
  web = await startWeb({
    policyFile,
    answer: ({ url = '' }, response) => {
      response.setHeader('content-type', 'text/html')
      if (url === '/login') response.setHeader('set-cookie', 'session=alice')
      response.end('<!doctype html><form method="post"><button>send</button></form>')
    },
  })
})
after(() => web.close())
beforeEach(() => {
  web.upstream.seen.length = 0
  web.gateway.records.length = 0
  web.gateway.events.length = 0
})

const browserTest = createBrowserTest(() => web)

const redirecting = () => web.gateway.use(compilePolicyFile(policyFile(web.upstream.url)))
const serving = () =>
  web.gateway.use(
    compilePolicyFile(policyFile(web.upstream.url, '{ host: 127.0.0.1, port: 0, serve: true, reason: a test }')),
  )
const exposed = () =>
  web.gateway.events.flatMap(({ event, fields }) =>
    event === 'credential_exposed' ? [(fields as { field: string }).field] : [],
  )

browserTest('a navigation lands on HTTPS, with path and query', async ({ context }) => {
  const page = await context.newPage()
  await serving()
  await page.goto(`${api}/orders?a=b`)
  assert.equal(page.url(), `${api}/orders?a=b`, 'where it is served, it stays in clear')

  await redirecting()
  const answer = await page.goto(`${api}/orders?a=b`)
  const port = web.gateway.listeners.find(({ name }) => name === 'https')?.port
  assert.equal(page.url(), `https://api.example.test:${port}/orders?a=b`)
  assert.equal((await answer?.request().redirectedFrom()?.response())?.status(), 308)
  assert.deepEqual(
    web.gateway.records
      .filter(({ exchange }) => exchange.path === '/orders')
      .map(({ exchange, outcome }) => `${exchange.scheme} ${outcome.status}`),
    ['http 200', 'http 308', 'https 200'],
  )
})

browserTest('a call is refused with a problem that its page can read, and is not redirected', async ({ open }) => {
  const page = await open(app)
  await serving()
  const call = { method: 'POST', body: 'amount=1000' }
  assert.equal((await readIn(page, `${api}/orders`, call)).status, 200)
  assert.equal(web.upstream.seen.length, 1)

  await redirecting()
  for (const init of [{}, call]) {
    const { status, body } = await readIn(page, `${api}/orders`, init)
    assert.equal(status, 403)
    assert.equal(JSON.parse(body).type, 'urn:problem-type:https-required')
  }
  assert.equal(web.upstream.seen.length, 1)
})

browserTest('a form is refused and not sent on', async ({ open }) => {
  await serving()
  const page = await open(`${api}/form`)
  await redirecting()
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByText('send').click()
  assert.equal((await answered).status(), 403)
  assert.equal(page.url(), `${api}/form`)
  assert.ok(web.upstream.seen.every(({ method }) => method === 'GET'))
})

browserTest('a cookie that came in clear is flagged, on a navigation too', async ({ open }) => {
  await redirecting()
  const page = await open(`${api}/login`)
  assert.deepEqual(exposed(), [])
  await page.goto(`${api}/orders`)
  assert.deepEqual(exposed(), ['cookie'])
  await readIn(await open(app), `${api}/orders`, { credentials: 'include' })
  assert.deepEqual(exposed(), ['cookie', 'cookie'])
})

browserTest('a credential in a field is not even sent: its preflight is refused', async ({ open }) => {
  const page = await open(app)
  const withKey = { headers: { authorization: 'Bearer abc' } }
  await serving()
  assert.equal((await readIn(page, `${api}/served`, withKey)).status, 200)
  assert.ok(web.upstream.seen.at(-1)?.rawHeaders.includes('Bearer abc'), 'it came in clear')

  await redirecting()
  web.gateway.records.length = 0
  assert.equal(await fetchIn(page, `${api}/orders`, withKey), null)
  assert.deepEqual(
    web.gateway.records.map(({ exchange }) => [exchange.method, exchange.refusal?.code]),
    [['OPTIONS', 'https_required']],
  )
  assert.deepEqual(exposed(), [])
})
