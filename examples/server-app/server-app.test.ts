import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { findFreePort } from '../../test/support/free-port.ts'
import { createAccount, password } from '../../test/support/identity.ts'
import { LoginBrowser } from '../../test/support/login-browser.ts'
import { type ServedGateway, serveGateway } from '../../test/support/served-gateway.ts'

let gateway: ServedGateway
let app: ChildProcess
let [api, here] = ['', '']

before(async () => {
  const [port, appPort] = [await findFreePort(), await findFreePort()]
  ;[api, here] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${appPort}`]
  process.env.PORTCULLIS_MASTER_KEY = randomBytes(32).toString('base64')
  process.env.OFFICE_SECRET = randomBytes(32).toString('hex')
  const file = readFileSync(join(import.meta.dirname, 'portcullis.yaml'), 'utf8')
  const text = file.replaceAll('8080', `${port}`).replaceAll('5000', `${appPort}`)
  gateway = await serveGateway(`${text}server: { workers: 1 }\n`)
  await createAccount(gateway.folder)
  app = spawn(process.execPath, [join(import.meta.dirname, 'app.ts')], {
    env: { ...process.env, API: api, PORT: `${appPort}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface(app.stdout as NodeJS.ReadableStream), 'line')
})
after(async () => {
  app?.kill('SIGKILL')
  await gateway?.stop()
})

test('a person logs in, the application calls the API, and the token ends with the logout', async () => {
  const browser = new LoginBrowser()
  const begun = await browser.request(`${here}/login`)
  const end = await browser.logIn(begun.headers.get('location') as string, { username: 'alice', password })
  assert.ok(end.startsWith(`${here}/callback?code=`), end)
  const { response } = await browser.follow(end)
  const page = await browser.request(new URL('/', response.url).href)
  assert.match(await page.text(), /^alice is logged in/)
  const orders = await browser.request(`${here}/orders`)
  assert.equal(await orders.text(), 'The API answers 502.\n')
  const logout = await browser.request(`${here}/logout`)
  assert.match(logout.headers.get('location') ?? '', /\/identity\/logout\?id_token_hint=/)
  assert.match(await (await browser.request(`${here}/`)).text(), /Nobody is logged in/)
})

test('a code that another browser brings logs nobody in', async () => {
  const [thief, victim] = [new LoginBrowser(), new LoginBrowser()]
  const begun = await thief.request(`${here}/login`)
  const end = await thief.logIn(begun.headers.get('location') as string, { username: 'alice', password })
  const answer = await victim.request(end)
  assert.equal(answer.status, 400)
})
