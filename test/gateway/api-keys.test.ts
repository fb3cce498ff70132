import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createApiKey } from '../../src/crypto/api-key.ts'
import type { NewKey } from '../../src/stores/ports/key-store.ts'
import { openSqliteStore, type SqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedGateway, serveGateway } from '../support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let folder: string
let upstream: TestUpstreamServer
let store: SqliteStore
/** Requests that reached the upstream, by the path that they asked for. */
const reached = new Map<string, number>()

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'served-keys-'))
  store = await openSqliteStore({ path: join(folder, 'portcullis.db') })
  upstream = await startUpstreamServer((request, response) => {
    const path = request.url ?? ''
    reached.set(path, (reached.get(path) ?? 0) + 1)
    response.end('ok')
  })
})

after(async () => {
  store.close()
  await upstream.close()
  await rm(folder, { recursive: true })
})

/** Two threads, on a store that outlives them. */
const serve = (): Promise<ServedGateway> =>
  serveGateway(`version: 1
listen: { http: { host: 127.0.0.1, port: 0, serve: true, reason: a test on loopback } }
server: { workers: 2 }
data: sqlite:${join(folder, 'portcullis.db')}
upstreams: { shop: { targets: ['${upstream.url}'] } }
routes:
  - { path: '/{name}', methods: [GET], upstream: shop, authenticate: [apiKey], apiKey: { environments: [live] } }
`)

async function issue(values: Partial<NewKey>) {
  const { id, text, digest } = createApiKey()
  const nothing = { name: null, tenant: null, roles: [], scopes: [], cidrs: [], expiresAt: null }
  await store.keys.create({
    ...nothing,
    id,
    digest,
    owner: 'shop',
    createdAt: Date.now(),
    environment: 'live',
    ...values,
  })
  return { id, text }
}

/** Each on a connection of its own, so that both threads get some; 0 where there was no answer. */
function call(gateway: ServedGateway, path: string, key: string): Promise<number> {
  return new Promise((resolve) => {
    const agent = new Agent({ keepAlive: false })
    const request = get(`${gateway.urls[0]}${path}`, { agent, headers: { 'x-api-key': key } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', () => resolve(0))
  })
}

test('a key with so many uses makes exactly so many requests, through all threads together', async () => {
  const gateway = await serve()
  try {
    const { id, text } = await issue({ usesLeft: 37 })
    const statuses = await Promise.all(Array.from({ length: 120 }, () => call(gateway, '/exact', text)))
    assert.equal(statuses.filter((status) => status === 200).length, 37)
    assert.equal(statuses.filter((status) => status === 401).length, 83)
    assert.equal(reached.get('/exact'), 37)
    assert.equal((await store.keys.find(id))?.usesLeft, 0)
  } finally {
    await gateway.stop()
  }
})

test('a gateway that is killed while uses are spent has admitted no more than are gone', async () => {
  const { id, text } = await issue({ usesLeft: 300 })
  const first = await serve()
  try {
    const calls = Array.from({ length: 200 }, () => call(first, '/killed', text))
    await eventually('some have passed', () => (reached.get('/killed') ?? 0) > 20)
    first.signal('SIGKILL')
    await Promise.all(calls)
  } finally {
    await first.stop()
  }
  const before = reached.get('/killed') ?? 0
  const left = (await store.keys.find(id))?.usesLeft ?? 0
  assert.ok(before <= 300 - left, `${before} passed, ${left} are left of 300`)
  const second = await serve()
  try {
    const statuses: number[] = []
    for (let i = 0; i < 8; i++) {
      statuses.push(...(await Promise.all(Array.from({ length: 50 }, () => call(second, '/killed', text)))))
    }
    assert.equal(statuses.filter((status) => status === 200).length, left)
    assert.ok((reached.get('/killed') ?? 0) <= 300)
  } finally {
    await second.stop()
  }
})

test('a disabled key is refused by every thread within a second, and its environment stands in the log', async () => {
  const gateway = await serve()
  try {
    const { id, text } = await issue({})
    const statuses = () => Promise.all(Array.from({ length: 12 }, () => call(gateway, '/disabled', text)))
    assert.deepEqual(new Set(await statuses()), new Set([200]))
    await store.keys.setDisabled(id, true, Date.now())
    const disabledAt = performance.now()
    await eventually('it is refused', async () => (await statuses()).every((status) => status === 401))
    assert.ok(performance.now() - disabledAt < 2000, `${performance.now() - disabledAt} ms`)
    await store.keys.setDisabled(id, false, Date.now())
    await eventually('it works again', async () => (await statuses()).every((status) => status === 200))
    const trial = await issue({ environment: 'test' })
    assert.equal(await call(gateway, '/trial', trial.text), 401)
    await eventually('the log tells', () => gateway.output().includes('"code":"api_key_environment"'))
    assert.match(gateway.output(), new RegExp(`"credential":"api-key:${id}","environment":"live"`))
    assert.equal(gateway.output().includes(text.slice(17)), false)
  } finally {
    await gateway.stop()
  }
})
