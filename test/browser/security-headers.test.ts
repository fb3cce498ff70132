import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, beforeEach } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import type { CspReport } from '../../src/policies/security-headers/csp-report.ts'
import { createBrowserTest } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startWeb, type TestWeb } from '../support/web.ts'

const api = 'https://api.example.test'
const evil = 'https://evil.example.test'

/** What stands behind the gateway: pages that let anything happen. */
const pages: Readonly<Record<string, string>> = {
  page: `<title>page</title><p>account 4711</p><script>document.title = 'inline'</script>
    <script src="${evil}/foreign.js"></script>`,
  gallery: '<title>gallery</title><script src="upload.txt"></script>',
  out: `<a href="${evil}/landing">out</a>`,
  form: '<form method="post" action="/site/orders"><button>send</button></form>',
}
const picture = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

const answer: RequestListener = ({ url = '' }, response) => {
  const name = new URL(url, api).pathname.split('/').at(-1) ?? ''
  response.setHeader('referrer-policy', 'unsafe-url')
  if (name === 'upload.txt') {
    response.setHeader('content-type', 'text/plain')
    response.end("document.title = 'upload'")
  } else if (name === 'picture.gif') {
    response.setHeader('content-type', 'image/gif')
    response.end(picture)
  } else {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html>${pages[name] ?? ''}`)
  }
}

const policyFile = (upstream: string) => `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev }
  http: { host: 127.0.0.1, port: 0 }
log: { level: silent }
upstreams: { shop: { targets: ["${upstream}"] } }
defaults:
  cors: { origins: [https://app.example.test] }
  securityHeaders: { profile: strict, reportPath: /csp-reports }
routes:
  - { path: "/data/{path*}", access: public, reason: a test, upstream: shop }
  - path: /site/{path*}
    access: public
    reason: a test
    upstream: shop
    loosen: { securityHeaders: { profile: html, reason: these are pages } }
  - path: /old-frames/{path*}
    access: public
    reason: a test
    upstream: shop
    loosen: { securityHeaders: { contentSecurityPolicy: off, reason: X-Frame-Options alone } }
  - path: /new-frames/{path*}
    access: public
    reason: a test
    upstream: shop
    loosen: { securityHeaders: { frameOptions: off, reason: frame-ancestors alone } }
  - path: /silent/{path*}
    access: public
    reason: a test
    upstream: shop
    loosen: { securityHeaders: { profile: html, referrerPolicy: no-referrer, reason: a form without a referrer } }
  - path: /bare/{path*}
    access: public
    reason: a test
    upstream: shop
    exempt: [{ policy: securityHeaders, reason: shows what happens without }]
`

let web: TestWeb

before(async () => {
  web = await startWeb({ answer, policyFile })
  web.site.pages.set('/foreign.js', "document.body.dataset.foreign = 'ran'")
})
after(() => web.close())
beforeEach(() => {
  web.upstream.seen.length = 0
  web.site.seen.length = 0
  web.gateway.records.length = 0
  web.gateway.events.length = 0
})

// Else it keeps reports back for a minute.
const browserTest = createBrowserTest(() => ({ ...web, switches: ['--short-reporting-delay'] }))

browserTest('neither a script in the page nor one of another site runs', async ({ open }) => {
  for (const [path, title, foreign] of [
    ['/bare/page', 'inline', 'ran'],
    ['/site/page', 'page', null],
    ['/data/page', 'page', null],
  ]) {
    const page = await open(api + path)
    assert.equal(await page.title(), title, path ?? '')
    assert.equal(await page.locator('body').getAttribute('data-foreign'), foreign ?? null)
  }
})

browserTest('what the browser blocked is reported and logged', async ({ open }) => {
  const document = `${api}/site/reported/page`
  await open(document)
  const reports = () =>
    web.gateway.events.map(({ fields }) => fields as CspReport).filter((report) => report.document === document)
  await eventually('both scripts are reported', () => reports().length === 2)
  const common = { client: '127.0.0.1', directive: 'script-src-elem', document, disposition: 'enforce' }
  assert.deepEqual(reports(), [
    { ...common, blocked: 'inline', source: document, line: 1 },
    { ...common, blocked: `${evil}/foreign.js`, source: '', line: null },
  ])
})

browserTest('a text is not run as a script', async ({ open }) => {
  assert.equal(await (await open(`${api}/bare/gallery`)).title(), 'upload')
  assert.equal(await (await open(`${api}/site/gallery`)).title(), 'gallery')
  assert.ok(
    web.upstream.seen.some(({ url }) => url === '/site/upload.txt'),
    'it was loaded',
  )
})

browserTest('a page of another site cannot frame it', async ({ open }) => {
  const framedText = async (path: string) => {
    web.site.pages.set('/frame', `<!doctype html><iframe src="${api}${path}"></iframe>`)
    const page = await open(`${evil}/frame`)
    return page.frames()[1]?.locator('body').innerText()
  }
  assert.match((await framedText('/bare/page')) ?? '', /account 4711/)
  for (const path of ['/site/page', '/old-frames/page', '/new-frames/page']) {
    assert.doesNotMatch((await framedText(path)) ?? '', /account/, path)
  }
})

browserTest('a site that is linked to does not learn the path', async ({ open }) => {
  for (const [path, referer] of [
    ['/bare/out', `${api}/bare/out?token=1`],
    ['/site/out', `${api}/`],
    ['/data/out', undefined],
  ] as const) {
    web.site.seen.length = 0
    const page = await open(`${api}${path}?token=1`)
    await page.getByText('out').click()
    await page.waitForURL(`${evil}/landing`)
    const landing = web.site.seen.find(({ url }) => url === '/landing')
    assert.deepEqual([landing?.host, landing?.headers.referer], ['evil.example.test', referer], path)
  }
})

browserTest('a page that opened it has no hold on it', async ({ context, open }) => {
  const opener = await open(evil)
  const bare = await openFrom(context, opener, `${api}/bare/page`)
  await opener.evaluate((url) => {
    Object(globalThis).opened.location = url
  }, `${evil}/phishing`)
  await bare.waitForURL(`${evil}/phishing`)
  const site = await openFrom(context, opener, `${api}/site/page`)
  assert.equal(await site.evaluate('opener'), null)
  // The opener's process hears of it from the one of the new page.
  await eventually('the opener sees a closed page', () => opener.evaluate<boolean>('opened.closed'))
})

browserTest('a page of another site cannot load its pictures', async ({ open }) => {
  const page = await open(evil)
  const loads = (path: string) =>
    page.evaluate(`new Promise((resolve) => {
      const image = new Image()
      image.onload = () => resolve(true)
      image.onerror = () => resolve(false)
      image.src = '${api}${path}'
    })`)
  assert.equal(await loads('/bare/picture.gif'), true)
  assert.equal(await loads('/site/picture.gif'), false)
  assert.equal(await loads('/data/picture.gif'), false)
})

browserTest(
  'after one visit the browser speaks HTTPS only',
  async ({ open }) => {
    const plain = () => web.gateway.records.filter(({ exchange }) => exchange.scheme === 'http').length
    await open(`${api}/bare/page`)
    await open('http://api.example.test/bare/page')
    assert.equal(plain(), 1)
    await open(`${api}/site/page`)
    const page = await open('http://api.example.test/bare/page')
    assert.equal(page.url(), `${api}/bare/page`)
    assert.equal(plain(), 1)
  },
  { fresh: true },
)

browserTest('an answer is not kept for whoever presses back', async ({ open }) => {
  for (const [path, loads] of [
    ['/bare/back/page', 1],
    ['/data/back/page', 2],
  ] as const) {
    web.upstream.seen.length = 0
    const page = await open(api + path)
    await page.goto(evil)
    await page.goBack()
    assert.equal(page.url(), api + path)
    assert.equal(web.upstream.seen.length, loads, path)
  }
})

browserTest('a page gets no hold of the place of its user', async ({ context, open }) => {
  await context.grantPermissions(['geolocation'], { origin: api })
  await context.setGeolocation({ latitude: 48, longitude: 11 })
  const locate = async (path: string) =>
    (await open(api + path)).evaluate(`new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords.latitude), ({ message }) => resolve(message))
    })`)
  assert.equal(await locate('/bare/page'), 48)
  assert.match(String(await locate('/site/page')), /permissions policy/)
})

browserTest(
  'a form of a page passes the check of its origin, unless it hides where it comes from',
  async ({ open }) => {
    for (const [path, status] of [
      ['/site/form', 200],
      ['/silent/form', 403],
    ] as const) {
      const page = await open(api + path)
      const answered = page.waitForResponse(`${api}/site/orders`)
      await page.getByText('send').click()
      assert.equal((await answered).status(), status, path)
    }
  },
)

async function openFrom(context: BrowserContext, page: Page, url: string): Promise<Page> {
  const [opened] = await Promise.all([
    context.waitForEvent('page'),
    page.evaluate((url) => Object.assign(globalThis, { opened: Object(globalThis).open(url) }) && undefined, url),
  ])
  await opened.waitForURL(url)
  return opened
}
