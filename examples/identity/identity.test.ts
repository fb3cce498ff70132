import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
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
let api = ''

before(async () => {
  const port = await findFreePort()
  api = `http://127.0.0.1:${port}`
  process.env.PORTCULLIS_MASTER_KEY = randomBytes(32).toString('base64')
  process.env.NIGHTLY_SECRET = randomBytes(32).toString('hex')
  const file = readFileSync(join(import.meta.dirname, 'portcullis.yaml'), 'utf8')
  gateway = await serveGateway(`${file.replaceAll('8080', `${port}`)}server: { workers: 1 }\n`)
  await createAccount(gateway.folder)
})
after(() => gateway?.stop())

test('the machine gets a token that passes until it is revoked', async () => {
  const authorization = `Basic ${Buffer.from(`nightly:${process.env.NIGHTLY_SECRET}`).toString('base64')}`
  const post = (path: string, fields: Record<string, string>) =>
    fetch(api + path, { method: 'POST', headers: { authorization }, body: new URLSearchParams(fields) })
  const answer = await post('/identity/token', { grant_type: 'client_credentials', scope: 'orders:read' })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const call = async () => (await fetch(`${api}/orders`, { headers: { authorization: `Bearer ${token}` } })).status
  assert.equal(await call(), 502)
  await post('/identity/revoke', { token })
  for (let i = 0; i < 20 && (await call()) !== 401; i++) await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(await call(), 401)
})

test('the terminal program calls the API for the person who logged in', async () => {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'terminal.ts')], {
    env: { ...process.env, API: api },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface(program.stdout)
    const [first] = (await once(lines, 'line')) as [string]
    const address = first.replace('Log in here: ', '')
    const end = await new LoginBrowser().logIn(address, { username: 'alice', password })
    const said = once(lines, 'line') as Promise<[string]>
    await fetch(end)
    assert.equal((await said)[0], 'The API answers 502.')
  } finally {
    program.kill('SIGKILL')
  }
})
