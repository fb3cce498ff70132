import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { eventually } from '../../test/support/eventually.ts'
import { createTestKeyRing } from '../../test/support/key-ring.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createGuard } from './create-guard.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

const json = { 'content-type': 'application/json' }

/** An application whose answers on `/fields` policies read whole, and on `/login` they are late to decide about. */
async function openApplication(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'guard-answers-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'portcullis.db')
  const masterKey = randomBytes(32).toString('base64')
  writeFileSync(join(folder, 'key'), masterKey)
  const store = await openSqliteStore({ path })
  await createTestKeyRing(store, masterKey)
  await store.close()
  const open = { methods: ['GET'], access: 'public', reason: 'a test' }
  const encryptFields = { context: 'test', fields: { card: { at: ['/card'] } } }
  const unsafePlainHttp = { reason: 'a test' }
  const config = {
    version: 1,
    data: `sqlite:${path}`,
    secrets: { master: { key: `file:${join(folder, 'key')}` } },
    log: { to: { file: join(folder, 'log') } },
    sessions: { unsafePlainHttp },
    routes: [
      { ...open, path: '/fields', encryptFields },
      { ...open, path: '/login', establishSession: { reason: 'a test' } },
    ],
  }
  const guard = await createGuard({ config: config as never })
  t.after(() => guard.close())
  return guard
}

async function start(t: TestContext, handler: Handler) {
  const guard = await openApplication(t)
  const server = createServer((request, response) => guard.handle(request, response, () => handler(request, response)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const get = (path: string, timeoutMs = 5000) =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeoutMs) })
  const held = async () => Number(/^portcullis_held_bytes(?:{[^}]*})? (\d+)/m.exec(await guard.metrics())?.[1])
  return { guard, get, held }
}

test('a handler that fails in the middle sends nothing of what it had written', async (t) => {
  let sent: boolean | null = null
  const { get, held } = await start(t, (_request, response) => {
    assert.equal(response.headersSent, false)
    response.writeHead(200, json)
    response.flushHeaders()
    response.write('{"secret":')
    sent = response.headersSent
    throw new Error('a bug')
  })
  const response = await get('/fields')
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /secret/)
  assert.equal(sent, true, 'it was told that its head had gone')
  await eventually('nothing is held', async () => (await held()) === 0)
})

test('what a handler waits for comes, and its buffers are its own again', async (t) => {
  const events: string[] = []
  const { get, held } = await start(t, async (_request, response) => {
    const buffer = Buffer.alloc(2000)
    response.setHeader('content-type', 'application/json')
    response.on('finish', () => events.push('finish'))
    buffer.fill(' ')
    await new Promise<void>((resolve) => response.write(buffer, () => resolve()))
    buffer.fill('x')
    response.write('e30=', 'base64')
    assert.notEqual(await held(), 0)
    response.end(() => events.push('end'))
  })
  const response = await get('/fields')
  assert.equal(response.headers.get('content-length'), '2002')
  assert.equal((await response.text()).trim(), '{}')
  await eventually('both are told', () => events.length === 2)
  await eventually('nothing is held', async () => (await held()) === 0)
})

test('a client that leaves takes what was held for it along', async (t) => {
  const { get, held } = await start(t, async (_request, response) => {
    response.writeHead(200, json)
    response.write(Buffer.alloc(100_000))
  })
  const left = get('/fields', 1000).catch(() => 'left')
  await eventually('it is held', async () => (await held()) >= 100_000)
  assert.equal(await left, 'left')
  await eventually('nothing is held', async () => (await held()) === 0)
})

test('a source that waits for the reader goes on when the policies have decided', async (t) => {
  const { guard, get } = await start(t, (_request, response) => {
    guard.sessions.create(response, { subject: 'alice' })
    response.flushHeaders()
    Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(1000, 'x'))).pipe(response)
  })
  const response = await get('/login')
  assert.match(response.headers.get('set-cookie') ?? '', /session/)
  assert.equal((await response.text()).length, 50_000)
})

test('over HTTP/2 an answer is held as well', async (t) => {
  const guard = await openApplication(t)
  const server = createHttp2Server((request, response) =>
    guard.handle(request as never, response as never, () => {
      response.writeHead(200, json)
      response.write('{"card":"4111')
      response.end('"}')
    }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.after(() => {
    client.close()
    server.close()
  })
  let body = ''
  for await (const chunk of client.request({ ':path': '/fields' })) body += chunk
  assert.equal(body, '{"card":"••••"}')
})
