import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { type System, startSystem } from '../../src/runtime/system.ts'

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'portcullis-spa-example-'))
const app = spawn(process.execPath, ['--conditions=source', join(here, 'app.ts')], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let system: System
let url = ''

before(async () => {
  const [line] = await once(createInterface(app.stdout), 'line')
  const [target = ''] = /http:\S+/.exec(line) ?? []
  process.env.PORTCULLIS_MASTER_KEY ??= randomBytes(32).toString('base64')
  const file = join(folder, 'portcullis.yaml')
  const policies = readFileSync(join(here, 'portcullis.yaml'), 'utf8')
  const moved = policies.replace('http://127.0.0.1:4100', target).replace('port: 8443', 'port: 0')
  writeFileSync(file, `${moved}log: { level: silent }\nserver: { workers: 1 }\n`)
  system = await startSystem({ load: () => loadPolicies(file), watched: [] })
  url = (system.listeners[0]?.url ?? '').replace('localhost', '127.0.0.1')
})
after(async () => {
  app.kill('SIGKILL')
  await system?.stop(0)
  rmSync(folder, { recursive: true })
})

const agent = new Agent({ rejectUnauthorized: false, keepAlive: false })

async function call(path: string, headers: Record<string, string> = {}) {
  const sent = request(new URL(path, url), { agent, headers }).end()
  const [response] = await once(sent, 'response')
  return { status: response.statusCode as number, headers: response.headers, body: await text(response) }
}

// Chromium walks through the pages in test/browser/browser-login.test.ts.
test('what README.md shows', async () => {
  const page = await call('/')
  assert.match(page.body, /app\.js/)
  assert.equal(page.headers['content-security-policy'], "default-src 'self'")
  assert.equal((await call('/app.js')).headers['content-type'], 'text/javascript')
  assert.equal((await call('/api/notes')).status, 401)
  const sent = await call('/api/notes', { 'sec-fetch-mode': 'navigate' })
  assert.deepEqual([sent.status, sent.headers.location], [303, '/auth/login?to=%2Fapi%2Fnotes'])
  assert.equal((await call('/auth/me')).status, 401)
  assert.equal((await call('/auth/callback?code=a&state=b')).status, 403)
  const login = await call('/auth/login?to=/')
  const location = new URL(login.headers.location as string)
  assert.equal(location.origin + location.pathname, 'https://localhost:8443/identity/authorize')
  assert.equal(location.searchParams.get('redirect_uri'), 'https://localhost:8443/auth/callback')
})
