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
import { readMails } from '../support/mail-folder.ts'
import { addVirtualAuthenticator } from '../support/virtual-authenticator.ts'

const issuer = 'https://login.example.test'
const passkeys = `${issuer}/account/passkeys`
const logInWithPasskey = { name: 'Log in with a passkey' }

let folder = ''
let certificate: IssuedCertificate
let system: System
let port = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-passkeys-browser-'))
  const authority = await createTestAuthority()
  certificate = await authority.issue(['*.example.test'])
  process.env.TEST_MASTER_KEY ??= randomBytes(32).toString('base64')
  const file = join(folder, 'portcullis.yaml')
  await writeFile(join(folder, 'cert.pem'), certificate.cert)
  await writeFile(join(folder, 'key.pem'), certificate.key)
  await writeFile(
    file,
    `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: { cert: file:cert.pem, key: file:key.pem } } }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
secrets: { master: { key: env:TEST_MASTER_KEY } }
upstreams: { api: { targets: ['http://127.0.0.1:9'] } }
identity: { issuer: '${issuer}', mail: { folder: mails }, signUp: open, pages: { name: The orchard } }
routes: [{ path: /orders, hosts: [api.example.test], upstream: api, authenticate: [jwt] }]
`,
  )
  system = await startSystem({ load: () => loadPolicies(file), watched: [] })
  port = Number(new URL(system.listeners[0]?.url ?? '').port)
  for (const name of ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'gus'])
    await createAccount(folder, { id: `account-${name}`, username: `${name}@orchard.test` })
})
after(async () => {
  await system?.stop(200)
  await rm(folder, { recursive: true, force: true })
})

const browserTest = createBrowserTest(() => ({ certificate, ports: { 'login.example.test:443': port } }))

async function logIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
}

/** What the console says went wrong, refused forms apart. */
function collectProblems(page: Page): string[] {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('422')) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  return problems
}

/** A tab with an authenticator that holds a passkey of somebody, who is logged out again. */
async function openWithPasskey(open: (url: string) => Promise<Page>, username: string) {
  const page = await open(passkeys)
  const authenticator = await addVirtualAuthenticator(page)
  await logIn(page, username)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('heading', { name: 'Passkey', exact: true }).waitFor()
  await page.context().clearCookies()
  return { page, authenticator }
}

browserTest('with the keyboard alone, a passkey is added, opens the account, and is removed', async ({ open }) => {
  const page = await open(passkeys)
  const problems = collectProblems(page)
  const authenticator = await addVirtualAuthenticator(page)
  await authenticator.setPresent(false)
  await page.keyboard.type('ann@orchard.test')
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Your passkeys' }).waitFor()
  assert.equal(await page.getByText('Passkeys need a browser').isVisible(), false)
  await authenticator.setPresent(true)
  await page.keyboard.press('Tab')
  assert.equal(await page.locator(':focus').getAttribute('id'), 'name')
  await page.keyboard.type('My laptop')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'My laptop' }).waitFor()
  const [credential] = await authenticator.list()
  assert.equal(credential?.rpId, 'login.example.test')
  const [mail] = await readMails(join(folder, 'mails'), 'ann@orchard.test', 1)
  assert.match(mail ?? '', /"My laptop" was added to your account at login\.example\.test/)

  await page.context().clearCookies()
  await authenticator.setPresent(false)
  await page.goto(`${issuer}/account`)
  await page.getByRole('button', logInWithPasskey).waitFor()
  await authenticator.setPresent(true)
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('You are logged in as ann@orchard.test').waitFor()

  await page.getByRole('link', { name: 'Passkeys' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Last used on').waitFor()
  await page.getByRole('button', { name: 'Remove' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('There is none yet').waitFor()
  await readMails(join(folder, 'mails'), 'ann@orchard.test', 2)
  // The content policy above all had nothing to say.
  assert.deepEqual(problems, [])
})

browserTest('where browsers can, passkeys are offered in the field of the user name', async ({ open }) => {
  const { page } = await openWithPasskey(open, 'ben@orchard.test')
  await page.goto(`${issuer}/account`)
  // The authenticator chooses as a person would from the list below the field.
  await page.getByText('You are logged in as ben@orchard.test').waitFor()
})

browserTest('the device must know who uses it; what went wrong is told to screen readers', async ({ open }) => {
  const { page, authenticator } = await openWithPasskey(open, 'cat@orchard.test')
  await authenticator.setVerified(false)
  await page.goto(`${issuer}/account`)
  await page.getByRole('button', logInWithPasskey).click()
  await page.getByRole('alert').filter({ hasText: 'Try again' }).waitFor()
})

browserTest('a passkey whose counter went back opens nothing, and the page says so', async ({ open }) => {
  const { page, authenticator } = await openWithPasskey(open, 'fay@orchard.test')
  const [credential] = await authenticator.list()
  await authenticator.setCounter(credential?.credentialId as string, 1000)
  await page.goto(`${issuer}/account`)
  await page.getByText('You are logged in as fay@orchard.test').waitFor()
  await page.context().clearCookies()
  // A copy from long before: the browser offers it again on each page that refused it.
  await authenticator.setCounter(credential?.credentialId as string, 0)
  const refused = page.waitForResponse((response) => response.status() === 422)
  await page.goto(`${issuer}/account`)
  await refused
  // Nobody chooses it from the list again.
  await authenticator.setPresent(false)
  await page.getByRole('alert').filter({ hasText: 'does not open an account here' }).waitFor()
})

browserTest('after a password, the passkey is asked for as a second factor', async ({ open }) => {
  const { page, authenticator } = await openWithPasskey(open, 'gus@orchard.test')
  await authenticator.setPresent(false)
  await page.goto(`${issuer}/account`)
  await logIn(page, 'gus@orchard.test')
  await page.getByRole('heading', { name: 'Is it you?' }).waitFor()
  await authenticator.setPresent(true)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('You are logged in as gus@orchard.test').waitFor()
})

browserTest('a device has one passkey of an account, and says so the second time', async ({ open }) => {
  const { page } = await openWithPasskey(open, 'dan@orchard.test')
  await page.goto(passkeys)
  await page.getByRole('button', { name: 'Add a passkey' }).waitFor()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('alert').filter({ hasText: 'on this device already' }).waitFor()
})

browserTest('without script the button is not there, a text says why, and the password opens', async ({ context }) => {
  const browser = context.browser()
  const scriptless = await browser?.newContext({ javaScriptEnabled: false, locale: 'de-DE' })
  assert.ok(scriptless)
  try {
    const page = await scriptless.newPage()
    await page.goto(passkeys)
    await page.getByText('Passkeys brauchen einen Browser').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Mit einem Passkey anmelden' }).count(), 0)
    await page.getByLabel('Benutzername').fill('eve@orchard.test')
    await page.getByLabel('Passwort').fill(password)
    await page.getByRole('button', { name: 'Anmelden', exact: true }).click()
    await page.getByRole('heading', { name: 'Ihre Passkeys' }).waitFor()
    await page.getByText('Passkeys brauchen einen Browser').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Passkey hinzufügen' }).count(), 0)
  } finally {
    await scriptless.close()
  }
})

browserTest('a script that somebody puts into these pages does not run', async ({ open }) => {
  const page = await open(passkeys)
  const ran = await page.evaluate(
    `const script = document.createElement('script')
     script.textContent = 'window.attacked = true'
     document.body.append(script)
     'attacked' in window`,
  )
  assert.equal(ran, false)
})
