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
  const file = readFileSync(join(import.meta.dirname, 'portcullis.yaml'), 'utf8')
  gateway = await serveGateway(`${file.replaceAll('8080', `${port}`)}server: { workers: 1 }\n`)
  await createAccount(gateway.folder)
})
after(() => gateway?.stop())

test('the program calls the API for the person who typed its code', async () => {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'orders-cli.ts')], {
    env: { ...process.env, API: api },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const said: string[] = []
    const lines = createInterface(program.stdout).on('line', (line) => said.push(line))
    if (said.length === 0) await once(lines, 'line')
    const [, address = '', code = ''] = /^Open (\S+) in any browser and type (\S+)$/.exec(said[0] ?? '') ?? []
    const browser = new LoginBrowser()
    const page = await (await browser.request(address)).text()
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] as string
    const confirm = await browser.submit(address, { xsrf, user_code: code })
    assert.match(await confirm.response.text(), /The orders program/)
    const login = await browser.submit(address, { xsrf, user_code: code, confirm: 'yes' })
    const consent = await browser.submit(login.url, { username: 'alice', password })
    const end = await browser.submit(`${consent.url}/consent`, {})
    assert.match(await end.response.text(), /Your device is connected/)
    if (program.exitCode === null) await once(program, 'exit')
    assert.deepEqual(said.slice(1), ['Logged in as account-alice.', 'The API answers 502.'])
  } finally {
    program.kill('SIGKILL')
  }
})
