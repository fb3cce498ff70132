import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
import { eventually } from '../support/eventually.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'
import { type Deployment, deployments } from './deployments.ts'

const card = '4111111111111111'
const customer = `{ "id": 12345678901234567890, "card": ${card},\n "mail": "ann@example.com", "born": "1990-01-01" }`

function policyFile(upstream: string): string {
  const policy = `upstream: test
    logBodies: { response: true, reason: a test }
    mask:
      values: { cardNumber: last4, email: partial }
      fields: { /born: remove }
      reveal: [{ roles: [staff] }]`
  return `version: 1
listen:
  https: { host: 127.0.0.1, port: 0, certificate: dev }
server: { workers: 1 }
log: { to: { file: portcullis.log } }
upstreams:
  test: { targets: ["${upstream}"] }
routes:
  - path: /open/{path*}
    upstream: test
    access: public
    reason: a test
  - path: /typed/{path*}
    upstream: test
    access: public
    reason: a test
    answerTypes: { allow: [application/json] }
  - path: /told/{path*}
    upstream: test
    access: public
    reason: a test
    exempt: [{ policy: errorMasking, reason: a test }]
  - path: /masked/{path*}
    access: public
    reason: a test
    ${policy}
  - path: /known/{path*}
    authenticate: [apiKey]
    ${policy}
`
}

/** The application: it answers in small pieces, so that every value is cut in two. */
async function application(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume()
  switch (request.url?.split('/').at(-1)) {
    case 'customer':
      return inPieces(response, 200, 'application/json', customer)
    case 'error':
      return inPieces(response, 404, 'text/html', `<p>no customer ann@example.com, card ${card}</p>`)
    case 'nothing':
      return void response.writeHead(201, { 'content-length': '0' }).end()
    case 'untyped':
      return void response.writeHead(200, { 'content-length': '4' }).end('<p/>')
    case 'trace':
      return inPieces(response, 404, 'text/plain', 'Error: boom\n    at find (/srv/shop/orders.js:12:5)')
    case 'broken':
      return inPieces(response, 200, 'application/json', '{"a":1]}')
    case 'encoded':
      response.setHeader('content-encoding', 'br')
      return inPieces(response, 200, 'application/json', customer)
    case 'events':
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return void response.write(`data: {"card":${card},"born":1,"a":2}\n\n`)
    case 'large': {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('[')
      for (let at = 0; at < 20 && !response.destroyed; at++) {
        const piece = `${JSON.stringify(`${'x'.repeat(50_000)} ann@example.com`)},`.repeat(10)
        if (!response.write(piece))
          await Promise.race([new Promise((done) => response.once('drain', done)), sleep(1000)])
      }
      return void response.end('0]')
    }
  }
}

async function inPieces(response: ServerResponse, status: number, type: string, body: string): Promise<void> {
  const headers = { 'content-type': type, etag: '"1"', 'content-digest': 'x', 'content-length': String(body.length) }
  response.writeHead(status, headers)
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
    let folder = ''
    let staff = ''
    let deployment: Deployment

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'portcullis-masked-answers-'))
      const file = join(folder, 'portcullis.yaml')
      await writeFile(file, policyFile(upstream.url))
      staff = await createStaffKey(file)
      deployment = await deploy(file, (request, response) => void application(request, response))
    })
    after(async () => {
      await deployment?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    const open = (path: string, headers = {}, method = 'GET') =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const { https, ca } = deployment
        httpsRequest({ hostname: https.hostname, port: https.port, ca, method, path, headers }, resolve)
          .on('error', reject)
          .end()
      })
    const get = async (path: string, headers = {}) => {
      const response = await open(path, headers)
      return { status: response.statusCode, headers: response.headers, body: await text(response) }
    }

    test('values and fields are hidden while the answer streams', async () => {
      assert.equal((await get('/open/customer')).body, customer, 'without the policy')
      const { status, body, headers } = await get('/masked/customer', { range: 'bytes=0-3', 'accept-encoding': 'br' })
      assert.equal(status, 200)
      assert.equal(body, '{ "id": 12345678901234567890, "card": "****1111",\n "mail": "a***@example.com" }')
      assert.deepEqual(
        [headers['content-length'], headers['content-digest'], headers.etag],
        [undefined, undefined, '"1"'],
      )
      const head = await open('/masked/customer', {}, 'HEAD')
      assert.deepEqual([head.statusCode, head.headers['content-length']], [200, undefined])
      head.resume()
    })

    test('who holds a role sees more', async () => {
      const { body, headers } = await get('/known/customer', { 'x-api-key': staff })
      assert.equal(body, customer)
      assert.equal(headers['cache-control'], 'private, no-store')
    })

    test('errors are masked too', async () => {
      const { status, body } = await get('/masked/error')
      assert.deepEqual([status, body], [404, '<p>no customer a***@example.com, card ****1111</p>'])
    })

    test('an error that tells of the program becomes a problem with its status', async () => {
      assert.match((await get('/told/trace')).body, /orders\.js:12/, 'without the policy')
      for (const path of ['/open/trace', '/masked/trace']) {
        const { status, body, headers } = await get(path)
        assert.deepEqual([status, headers['content-type']], [404, 'application/problem+json'])
        assert.doesNotMatch(body, /boom|orders/)
      }
      assert.match((await get('/open/error')).body, /<p>no customer/)
    })

    test('a type that the API does not give is not sent', async () => {
      assert.equal((await get('/typed/customer')).body, customer)
      assert.equal((await get('/typed/nothing')).status, 201)
      assert.equal((await get('/typed/untyped')).status, 502)
      const { status, body, headers } = await get('/typed/error')
      assert.deepEqual([status, headers['content-type']], [404, 'application/problem+json'])
      assert.doesNotMatch(body, /ann@/)
    })

    test('an event leaves as soon as it has come', async () => {
      const response = await open('/masked/events')
      const [first] = (await Promise.race([response.take(1).toArray(), sleep(3000, ['nothing'])])) as unknown[]
      assert.equal(String(first), 'data: {"card":"****1111","a":2}\n\n')
      response.destroy()
    })

    test('an answer of any length is masked to its end', async () => {
      const { body } = await get('/masked/large')
      assert.equal(body.length, (await get('/open/large')).body.length + 200 * ('a***'.length - 'ann'.length))
      assert.equal(body.includes('ann@'), false)
    })

    test('what cannot be masked does not come through', async () => {
      assert.equal((await get('/masked/encoded')).status, 502)
      await assert.rejects(get('/masked/broken'))
    })

    test('the log holds what was sent, and for who sees more still the mask', async () => {
      const read = () => readFile(join(folder, 'portcullis.log'), 'utf8')
      await get('/known/customer', { 'x-api-key': staff })
      await eventually('bodies are logged', async () => (await read()).split('"event":"body"').length > 3)
      const log = await read()
      assert.doesNotMatch(log, /ann@|1990-01/)
      assert.ok(!log.includes(card))
    })
  })
}

async function createStaffKey(file: string): Promise<string> {
  const loaded = await loadPolicies(file, { embedded: true })
  if (!loaded.ok) throw new Error(loaded.message)
  await openDataFolder(loaded.snapshot.dataFolder)
  const store = await openStore(await resolveStoreLocation(loaded.snapshot))
  const { id, text: key, digest } = createApiKey()
  const nothing = { name: null, tenant: null, scopes: [], cidrs: [], expiresAt: null }
  await store.keys.create({ ...nothing, id, digest, owner: 'ann', roles: ['staff'], createdAt: Date.now() })
  await store.close()
  return key
}
