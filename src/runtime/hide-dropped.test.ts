import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { defineConfig } from '../config/define-config.ts'
import { createApiKey } from '../crypto/api-key.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createGuard } from './create-guard.ts'

type Seen = Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders' | 'headersDistinct'> & { originalUrl: string }

const folder = mkdtempSync(join(tmpdir(), 'portcullis-hidden-'))
const data = join(folder, 'portcullis.db')
const { id, text: key, digest } = createApiKey()

/** An application that tells what it was handed, with a guard and without one. */
async function startApplication(guarded: boolean) {
  const config = defineConfig({
    version: 1,
    data: `sqlite:${data}`,
    log: { level: 'silent' },
    routes: [
      { path: '/orders', authenticate: ['apiKey'], apiKey: { headers: ['x-api-key', 'x-shop-key'], query: 'key' } },
    ],
  })
  const guard = guarded ? await createGuard({ config }) : null
  const server = createServer((request, response) => {
    // As Express does before its first middleware runs.
    Object.assign(request, { originalUrl: request.url })
    const tell = () => {
      const { url, headers, rawHeaders, headersDistinct, originalUrl } = request as unknown as Seen
      response.end(JSON.stringify({ url, headers, rawHeaders, headersDistinct, originalUrl }))
    }
    if (guard === null) tell()
    else guard.handle(request, response, tell)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    async ask(path: string, headers: Readonly<Record<string, string>>): Promise<Seen> {
      const [response] = await once(
        send({ port, path, headers: { host: 'api', ...headers }, agent: false }).end(),
        'response',
      )
      const body = await new Response(response).text()
      assert.equal(response.statusCode, 200, body)
      return JSON.parse(body)
    },
    async close() {
      server.close()
      await guard?.close()
    },
  }
}

type Application = Awaited<ReturnType<typeof startApplication>>
let guarded: Application
let bare: Application

before(async () => {
  guarded = await startApplication(true)
  bare = await startApplication(false)
  const store = await openSqliteStore({ path: data })
  const none = { name: null, tenant: null, roles: [], scopes: [], cidrs: [] }
  await store.keys.create({ id, digest, owner: 'shop', createdAt: Date.now(), expiresAt: null, ...none })
  store.close()
})

after(async () => {
  await guarded.close()
  await bare.close()
  rmSync(folder, { recursive: true })
})

describe('an application is not handed', () => {
  const credentials = {
    'a bearer key': { authorization: `Bearer ${key}` },
    'a key in a field of its own': { 'X-Shop-Key': key },
    'a key beside a field that names the field it came in': { authorization: `Bearer ${key}`, note: 'authorization' },
  }
  for (const [name, headers] of Object.entries(credentials)) {
    test(name, async () => {
      assert.match(JSON.stringify(await bare.ask('/orders', headers)), new RegExp(key))
      assert.doesNotMatch(JSON.stringify(await guarded.ask('/orders', headers)), new RegExp(key))
    })
  }

  test('a key in the query, of which the rest stays', async () => {
    const target = `/orders?a=1&key=${key}&b=%20`
    assert.equal((await bare.ask(target, {})).url, target)
    const { url, originalUrl } = await guarded.ask(target, {})
    assert.equal(url, '/orders?a=1&b=%20')
    assert.equal(originalUrl, url)
    assert.equal((await guarded.ask(`/orders?key=${key}`, {})).url, '/orders')
  })

  test('fields that would make it take the request for another one', async () => {
    const forged = {
      'X-HTTP-Method-Override': 'DELETE',
      'X-Original-URL': '/admin',
      'Portcullis-Identity': 'admin',
      user_id: '1',
    }
    const names = Object.keys(forged).map((name) => name.toLowerCase())
    const without = await bare.ask('/orders', forged)
    assert.deepEqual(
      names.filter((name) => name in without.headers),
      names,
    )
    const { headers, rawHeaders } = await guarded.ask('/orders', { authorization: `Bearer ${key}`, ...forged })
    assert.deepEqual(
      names.filter((name) => name in headers),
      [],
    )
    assert.deepEqual(
      names.filter((name) => rawHeaders.some((field) => field.toLowerCase() === name)),
      [],
    )
  })
})

test('an application is handed everything else as it came', async () => {
  const { headers, rawHeaders, headersDistinct } = await guarded.ask('/orders', {
    'X-API-Key': key,
    Cookie: 'a=1',
    'X-Forwarded-For': '192.0.2.1',
    Accept: 'text/plain',
  })
  assert.deepEqual(headers, {
    host: 'api',
    cookie: 'a=1',
    'x-forwarded-for': '192.0.2.1',
    accept: 'text/plain',
    connection: 'close',
  })
  assert.deepEqual(
    rawHeaders.filter((_, i) => i % 2 === 0),
    ['host', 'Cookie', 'X-Forwarded-For', 'Accept', 'Connection'],
  )
  assert.deepEqual(headersDistinct, Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])))
})
