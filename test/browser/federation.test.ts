import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import type { Page } from 'playwright-core'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'
import { createBrowserTest } from '../support/browser.ts'
import { createTestAuthority, type IssuedCertificate } from '../support/certificate-authority.ts'
import { createAccount, password } from '../support/identity.ts'
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts'
import { startSite, type TestSite } from '../support/site.ts'

const api = 'https://api.example.test'
const issuer = `${api}/identity`
const secret = 'a secret of the tests that is long enough'

let folder = ''
let certificate: IssuedCertificate
let site: TestSite
let work: OidcServer
let form: OidcServer
let system: System
let port = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-federation-browser-'))
  certificate = await (await createTestAuthority()).issue(['*.example.test'])
  site = await startSite(certificate)
  work = await startOidcServer()
  form = await startOidcServer()
  work.register({ id: 'p', secret, redirectUri: `${issuer}/with/office/callback` })
  form.register({ id: 'p', secret, redirectUri: `${issuer}/with/form/callback` })
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  process.env.TEST_UPSTREAM_SECRET = secret
  const file = join(folder, 'portcullis.yaml')
  await writeFile(join(folder, 'cert.pem'), certificate.cert)
  await writeFile(join(folder, 'key.pem'), certificate.key)
  await writeFile(file, toFile())
  system = await startSystem({ load: () => loadPolicies(file), watched: [] })
  port = Number(new URL(system.listeners[0]?.url ?? '').port)
  await createAccount(folder)
})
after(async () => {
  await system?.stop(200)
  for (const one of [site, work, form]) await one?.close()
  await rm(folder, { recursive: true, force: true })
})

const browserTest = createBrowserTest(() => ({
  certificate,
  ports: {
    'api.example.test:443': port,
    '*:443': site.httpsPort,
    ...Object.fromEntries([work, form].map(({ issuer }) => [new URL(issuer).host, Number(new URL(issuer).port)])),
  },
}))

/** What the content policy, or anything else, was broken by. */
function watch(page: Page): string[] {
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  return problems
}

browserTest('a person comes back from another server, logged in, and connects a second one', async ({ open }) => {
  work.person = { sub: 'w-1', email: 'ann@orchard.test', email_verified: true }
  form.person = { sub: 'f-1', email: 'ann@home.test' }
  const page = await open(`${issuer}/account`)
  const problems = watch(page)
  await page.getByRole('button', { name: 'Log in with The works' }).click()
  await page.getByText('You are logged in as ann@orchard.test').waitFor()
  await page.getByRole('link', { name: 'Connected logins' }).click()
  await page.getByText('The works (ann@orchard.test)').first().waitFor()
  // The answer is a form that another site posts: our cookies come with the navigation after it.
  await page.getByRole('button', { name: 'Connect form' }).click()
  await page.getByText('form (ann@home.test)').first().waitFor()
  assert.equal(page.url(), `${issuer}/account/connections`)
  await page.getByRole('button', { name: 'Disconnect The works' }).click()
  await page.getByRole('button', { name: 'Connect The works' }).waitFor()
  await page.getByRole('button', { name: 'Disconnect form' }).click()
  await page.getByRole('alert').waitFor()
  assert.match(await page.getByRole('alert').innerText(), /Nothing else would open your account/)
  assert.deepEqual(
    problems.filter((problem) => !problem.includes('422')),
    [],
  )
})

browserTest(
  'an account of the same address opens once with its password, with the keyboard alone',
  async ({ open }) => {
    await createAccount(folder, { id: 'account-bob', username: 'bob@orchard.test' })
    form.person = { sub: 'f-bob', email: 'bob@orchard.test', email_verified: true }
    const page = await open(`${issuer}/account`)
    const problems = watch(page)
    await page.getByRole('button', { name: 'Log in with form' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('#problem').waitFor()
    assert.match(await page.locator('#problem').innerText(), /There is an account with your address/)
    assert.equal(await page.getByLabel('User name').inputValue(), 'bob@orchard.test')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.getByText('You are logged in as bob@orchard.test').waitFor()
    await page.goto(`${issuer}/account/connections`)
    await page.getByText('form (bob@orchard.test)').first().waitFor()
    assert.deepEqual(problems, [])
  },
)

browserTest('the pages can be read on a phone', async ({ open }) => {
  work.person = { sub: 'w-1', email: 'ann@orchard.test', email_verified: true }
  const page = await open(`${issuer}/account`)
  await page.setViewportSize({ width: 320, height: 480 })
  const overflow = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  assert.equal(await overflow(), 0)
  await page.getByRole('button', { name: 'Log in with form' }).click()
  await page.getByText('You are logged in as bob@orchard.test').waitFor()
  await page.goto(`${issuer}/account/connections`)
  assert.equal(await overflow(), 0)
})

function toFile(): string {
  const alone = { clientId: 'p', clientSecret: 'env:TEST_UPSTREAM_SECRET', allowPrivateAddress: { reason: 'a test' } }
  const providers = {
    office: { ...alone, issuer: work.issuer, label: 'The works' },
    form: { ...alone, issuer: form.issuer, responseMode: 'formPost' },
  }
  return `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: { cert: file:cert.pem, key: file:key.pem } } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
identity:
  issuer: ${issuer}
  signUp: open
  providers: ${JSON.stringify(providers)}
routes: [{ path: /health, access: public, reason: a test, upstream: api }]
upstreams: { api: { targets: ['http://127.0.0.1:9'] } }
`
}
