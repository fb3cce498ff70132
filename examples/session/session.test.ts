import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'portcullis-session-example-'))
const app = spawn(process.execPath, ['--conditions=source', join(here, 'app.ts')], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let system: System
let url = ''

before(async () => {
  const [line] = await once(createInterface(app.stdout), 'line')
  const [target = ''] = /http:\S+/.exec(line) ?? []
  const file = join(folder, 'portcullis.yaml')
  const policies = readFileSync(join(here, 'portcullis.yaml'), 'utf8')
  writeFileSync(
    file,
    `${policies.replace('http://127.0.0.1:4100', target).replace('8443', '0')}log: { level: silent }\nserver: { workers: 1 }\n`,
  )
  system = await startSystem({ load: () => loadPolicies(file), watched: [] })
  url = (system.listeners[0]?.url ?? '').replace('localhost', '127.0.0.1')
})
after(async () => {
  app.kill('SIGKILL')
  await system.stop(0)
  rmSync(folder, { recursive: true })
})

const agent = new Agent({ rejectUnauthorized: false, keepAlive: false })

async function call(method: string, path: string, headers: RequestOptions['headers'] = {}, body = '') {
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  const sent = request(new URL(path, url), { method, agent, headers: { ...form, ...headers } }).end(body)
  const [response] = await once(sent, 'response')
  return { status: response.statusCode as number, headers: response.headers, body: await text(response) }
}

test('what README.md shows', async () => {
  const page = await call('GET', '/')
  assert.match(page.body, /Log in/)
  // Browsers send the form, and say where it comes from.
  assert.match(String(page.headers['content-security-policy']), /form-action 'self'/)
  assert.notEqual(page.headers['referrer-policy'], 'no-referrer')
  assert.equal((await call('GET', '/notes')).status, 401)
  assert.equal((await call('POST', '/login', {}, 'user=alice&password=wrong')).headers['set-cookie'], undefined)
  const login = await call('POST', '/login', {}, 'user=alice&password=correct+horse')
  assert.deepEqual([login.status, login.headers.location], [303, '/notes'])
  assert.equal(login.headers['portcullis-session'], undefined)
  const cookie = (login.headers['set-cookie'] as string[])[0]?.split(';', 1)[0] ?? ''
  assert.match((await call('GET', '/notes', { cookie })).body, /Hello alice/)
  const own = { cookie, 'sec-fetch-site': 'same-origin' }
  assert.equal((await call('POST', '/notes', own, 'note=hi')).status, 303)
  assert.equal((await call('POST', '/notes', { cookie, origin: 'https://evil.example' }, 'note=pwned')).status, 403)
  const { body } = await call('GET', '/notes', { cookie })
  assert.match(body, /alice: hi/)
  assert.doesNotMatch(body, /pwned/)
  const logout = await call('POST', '/logout', own)
  assert.deepEqual([logout.status, logout.headers.location], [303, '/'])
  assert.equal((await call('GET', '/notes', { cookie })).status, 401)
})
