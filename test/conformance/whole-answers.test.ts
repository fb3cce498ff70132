import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiKey } from '../../src/crypto/api-key.ts'
import { openDataFolder } from '../../src/runtime/data-folder.ts'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { resolveStoreLocation } from '../../src/runtime/store-location.ts'
import { openStore } from '../../src/stores/open-store.ts'
import { createTestKeyRing } from '../support/key-ring.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'
import { type Deployment, deployments } from './deployments.ts'

const masterKey = randomBytes(32).toString('base64')
const card = '4111 1111 1111 1111'
const json = { 'content-type': 'application/json' }

function policyFile(upstream: string): string {
  return `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
secrets: { master: { key: "file:master.key" } }
upstreams:
  test: { targets: ["${upstream}"] }
defaults: { authenticate: [apiKey] }
routes:
  - path: /plain/{path*}
    upstream: test
  - path: /customers/{path*}
    upstream: test
    encryptFields: { context: customers, fields: { card: { at: [/card], hide: last4 } }, reveal: { roles: [staff] } }
  - path: /orders/{path*}
    methods: [GET, HEAD]
    upstream: test
    authorize: { object: { answer: /owner, equals: principal.id } }
`
}

/** What the application got last. */
let got: { body: string; headers: IncomingMessage['headers'] } = { body: '', headers: {} }

/** The application: it answers in pieces, waits for each to be taken, and has streams that do not end. */
async function application(request: IncomingMessage, response: ServerResponse): Promise<void> {
  got = { body: await text(request), headers: request.headers }
  switch (request.url?.split('/').at(-1)) {
    case 'echo':
      return inPieces(response, got.body)
    case 'alice':
    case 'bob':
      return inPieces(response, JSON.stringify({ owner: request.url.split('/').at(-1), secret: 'Marmalade' }))
    case 'nothing':
      return void response.writeHead(204).end()
    case 'events':
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return void response.write('data: {"owner":"bob","card":"Marmalade"}\n\n')
    case 'large': {
      response.writeHead(200, json)
      for (let i = 0; i < 9 && !response.destroyed; i++) {
        if (!response.write(Buffer.alloc(1024 * 1024, ' '))) await Promise.race([onceDrained(response), sleep(1000)])
      }
      return void response.end('{}')
    }
  }
}

const onceDrained = (response: ServerResponse) => new Promise((resolve) => response.once('drain', resolve))

async function inPieces(response: ServerResponse, body: string): Promise<void> {
  response.writeHead(200, { ...json, etag: '"stored"', 'content-length': String(Buffer.byteLength(body)) })
  for (const piece of body.match(/.{1,7}/gs) ?? []) {
    await new Promise<void>((resolve) => response.write(Buffer.from(piece), () => resolve()))
  }
  response.end()
}

let upstream: TestUpstreamServer
before(async () => {
  upstream = await startUpstreamServer(undefined, (request, response) => void application(request, response))
})
after(() => upstream.close())

for (const [name, deploy] of Object.entries(deployments)) {
  describe(name, () => {
    const keys = { alice: '', staff: '' }
    let folder = ''
    let deployment: Deployment

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'portcullis-whole-answers-'))
      const file = join(folder, 'portcullis.yaml')
      await writeFile(file, policyFile(upstream.url))
      await writeFile(join(folder, 'master.key'), masterKey)
      await fillStore(file, keys)
      deployment = await deploy(file, (request, response) => void application(request, response))
    })
    after(async () => {
      await deployment?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    const send = (method: string, path: string, key: string, body = '', more = {}) =>
      new Promise<{ status: number; body: string; headers: IncomingMessage['headers'] }>((resolve, reject) => {
        const { https, ca } = deployment
        const headers = { ...json, 'x-api-key': key, 'content-length': String(Buffer.byteLength(body)), ...more }
        httpsRequest({ hostname: https.hostname, port: https.port, ca, method, path, headers }, (response) => {
          text(response).then((all) => {
            resolve({ status: response.statusCode ?? 0, body: all, headers: response.headers })
          }, reject)
        })
          .on('error', reject)
          .end(body)
      })

    test('fields are decrypted for those who may see them, and hidden from others', async () => {
      const body = `{ "big": 12345678901234567890, "card": "${card}" }`
      assert.equal((await send('POST', '/plain/echo', keys.alice, body)).body, body, 'without the policy')
      const staff = await send('POST', '/customers/echo', keys.staff, body)
      assert.match(got.body, /"card": "pce1\./)
      assert.deepEqual([staff.status, staff.body], [200, body])
      assert.equal(staff.headers['content-length'], String(body.length))
      assert.equal(staff.headers['cache-control'], 'private, no-store')
      const other = await send('POST', '/customers/echo', keys.alice, body)
      assert.equal(other.body, body.replace(card, '••••1111'))
    })

    test('an object of somebody else is not shown', async () => {
      assert.match((await send('GET', '/plain/bob', keys.alice)).body, /Marmalade/, 'without the rule')
      const own = await send('GET', '/orders/alice', keys.alice, '', {
        'accept-encoding': 'gzip',
        'if-none-match': '"stored"',
        range: 'bytes=0-1',
      })
      assert.deepEqual(JSON.parse(own.body), { owner: 'alice', secret: 'Marmalade' })
      assert.equal(own.headers.etag, undefined)
      for (const name of ['if-none-match', 'range']) assert.equal(got.headers[name], undefined)
      assert.notEqual(got.headers['accept-encoding'], 'gzip')
      const foreign = await send('GET', '/orders/bob', keys.alice)
      assert.equal(foreign.status, 404)
      assert.doesNotMatch(foreign.body, /Marmalade|bob/)
    })

    test('what cannot be held whole does not come through', async () => {
      for (const path of ['/customers/events', '/orders/events', '/customers/large']) {
        const { status, body } = await send('GET', path, keys.staff)
        assert.equal(status, 502, path)
        assert.doesNotMatch(body, /Marmalade/)
      }
    })

    test('an answer without a body passes', async () => {
      assert.equal((await send('GET', '/customers/nothing', keys.alice)).status, 204)
      const head = await send('HEAD', '/customers/echo', keys.alice)
      assert.deepEqual([head.status, head.body], [200, ''])
    })
  })
}

async function fillStore(file: string, keys: { alice: string; staff: string }): Promise<void> {
  const loaded = await loadPolicies(file, { embedded: true })
  if (!loaded.ok) throw new Error(loaded.message)
  await openDataFolder(loaded.snapshot.dataFolder)
  const store = await openStore(await resolveStoreLocation(loaded.snapshot))
  await createTestKeyRing(store, masterKey)
  for (const owner of ['alice', 'staff'] as const) {
    const { id, text: key, digest } = createApiKey()
    const nothing = { name: null, tenant: null, scopes: [], cidrs: [], expiresAt: null }
    await store.keys.create({ ...nothing, id, digest, owner, roles: [owner], createdAt: Date.now() })
    keys[owner] = key
  }
  await store.close()
}
