import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { endsWithin, eventually } from '../../test/support/eventually.ts'
import { createApiKey } from '../crypto/api-key.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createGuard } from './create-guard.ts'

test('what an application streams ends with the credential of its caller, and with no other', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'guard-streams-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'portcullis.db')
  const routes = [{ path: '/**', methods: ['GET'], authenticate: ['apiKey'] }] as const
  const to = { file: join(folder, 'log') }
  const guard = await createGuard({ config: { version: 1, data: `sqlite:${path}`, log: { to }, routes } as never })
  t.after(() => guard.close())
  const server = createServer((request, response) =>
    guard.handle(request, response, () => {
      if (request.url === '/whole') {
        response.end('whole')
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      const timer = setInterval(() => response.write('data: tick\n\n'), 20)
      response.on('close', () => clearInterval(timer))
    }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const store = await openSqliteStore({ path })
  t.after(() => store.close())

  async function issue(expiresAt: number | null) {
    const { id, text, digest } = createApiKey()
    const common = { owner: 'shop', name: null, tenant: null, roles: [], scopes: [], cidrs: [] }
    await store.keys.create({ id, digest, ...common, createdAt: Date.now(), expiresAt })
    return { id, text }
  }
  async function open(key: string, target = '/events'): Promise<IncomingMessage> {
    const { port } = server.address() as AddressInfo
    const [response] = await once(get({ port, path: target, agent: false, headers: { 'x-api-key': key } }), 'response')
    assert.equal(response.statusCode, 200)
    return response.on('error', () => {}).resume()
  }
  const held = async () => Number(/^portcullis_held_open(?:{[^}]*})? (\d+)/m.exec(await guard.metrics())?.[1])

  const [revoked, other, short] = [await issue(null), await issue(null), await issue(Date.now() + 1500)]
  await once(await open(other.text, '/whole'), 'end')
  assert.equal(await held(), 0)
  const streams = [await open(revoked.text), await open(other.text), await open(short.text)] as const
  assert.equal(await held(), 3)
  const ends = streams.map((stream) => new Promise((closed) => stream.once('close', closed)))
  await store.keys.revoke(revoked.id, Date.now())
  assert.ok(await endsWithin(3000, ends[0] as Promise<unknown>), 'the revoked one ends')
  assert.equal(streams[0].complete, false, 'and cannot be taken for whole')
  assert.ok(await endsWithin(3000, ends[2] as Promise<unknown>), 'the expired one ends')
  assert.equal(streams[1].closed, false)
  streams[1].destroy()
  await eventually('nothing is held', async () => (await held()) === 0)
})
