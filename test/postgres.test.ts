import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGuard } from '../src/runtime/create-guard.ts'
import { eventually } from './support/eventually.ts'
import { describeOnPostgres } from './support/postgres.ts'
import { runCli } from './support/run-cli.ts'
import { type ServedGateway, serveGateway } from './support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from './support/upstream-server.ts'

// How long cached credentials serve while the change log cannot be read: the contract, and what the page says.
const cachedForMs = 10_000

describeOnPostgres('a gateway on PostgreSQL', (server) => {
  let upstream: TestUpstreamServer
  let gateway: ServedGateway

  before(async () => {
    upstream = await startUpstreamServer((_request, response) => response.end('ok'))
    process.env.TEST_DATABASE_URL = await server().createDatabase()
    gateway = await serveGateway(`version: 1
listen: { http: { host: 127.0.0.1, port: 0, serve: true, reason: a test } }
server: { workers: 2 }
data: env:TEST_DATABASE_URL
upstreams: { test: { targets: [${upstream.url}] } }
routes: [{ path: /**, upstream: test, authenticate: [apiKey], apiKey: { cacheLifetime: 5m } }]
`)
  })
  after(async () => {
    await gateway?.stop()
    await upstream?.close()
  })

  const cli = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCli(gateway.folder, ...args, '--json')
    assert.equal(status, 0, stderr + stdout)
    return JSON.parse(stdout) as { id: string; key: string; lastUsedAt: string | null }
  }
  const ask = async (key: string) => {
    // Each on a connection of its own, so that both threads get some.
    const headers = { authorization: `Bearer ${key}`, connection: 'close' }
    const response = await fetch(`${gateway.urls[0]}/x`, { headers, signal: AbortSignal.timeout(15_000) })
    await response.text()
    return response.status
  }
  const askAll = async (key: string) => {
    await sleep(50)
    return Promise.all(Array.from({ length: 12 }, () => ask(key)))
  }

  test('keys made and revoked by the command line hold in every thread, and their uses are noted', async () => {
    const { id, key } = await cli('keys', 'create', '--owner', 'shop')
    assert.deepEqual(new Set(await askAll(key)), new Set([200]))
    await eventually('the use is noted', async () => (await cli('keys', 'show', id)).lastUsedAt !== null, 10_000)
    await cli('keys', 'revoke', id)
    const revokedAt = performance.now()
    await eventually('it is refused', async () => (await askAll(key)).every((status) => status === 401), 10_000)
    assert.ok(performance.now() - revokedAt < 2000)
  })

  test('while it is down cached keys serve for ten seconds and no longer; then it is back', {
    timeout: 60_000,
  }, async () => {
    const [cached, fresh] = [await cli('keys', 'create', '--owner', 'a'), await cli('keys', 'create', '--owner', 'b')]
    await askAll(cached.key)
    await server().halt()
    const haltedAt = performance.now()
    assert.equal(await ask(fresh.key), 503)
    assert.deepEqual(new Set(await askAll(cached.key)), new Set([200]))
    await eventually('it is refused', async () => (await askAll(cached.key)).every((status) => status === 503), 30_000)
    const servedMs = performance.now() - haltedAt
    assert.ok(servedMs < cachedForMs + 2000, `${servedMs} ms`)
    await server().start()
    await eventually('it serves again', async () => (await askAll(cached.key)).every((one) => one === 200), 10_000)
    assert.equal(await ask(fresh.key), 200)
    assert.ok(/"state":"refusing".*"event":"change_log_unreadable"/.test(gateway.output()))
  })

  test('a key that is revoked while the server restarts is not let in by the cache', { timeout: 60_000 }, async () => {
    const { id, key } = await cli('keys', 'create', '--owner', 'shop')
    await askAll(key)
    await server().halt()
    await server().start()
    await cli('keys', 'revoke', id)
    await eventually('it is refused', async () => (await askAll(key)).every((status) => status === 401), 5_000)
  })

  test('check says which reference is missing; explain and prove read the same store', {
    timeout: 60_000,
  }, async () => {
    const { key } = await cli('keys', 'create', '--owner', 'shop')
    const explained = await runCli(
      gateway.folder,
      'explain',
      'GET',
      `${gateway.urls[0]}/x`,
      '-H',
      `Authorization: Bearer ${key}`,
    )
    assert.match(explained.stdout, /shop/)
    const proven = await runCli(gateway.folder, 'prove', '--url', gateway.urls[0] as string)
    assert.equal(proven.status, 0, proven.stdout + proven.stderr)
    await writeFile(
      join(gateway.folder, 'other.yaml'),
      'version: 1\nlisten: { https: { certificate: dev } }\ndata: env:TEST_UNSET_URL\n',
    )
    const checked = await runCli(gateway.folder, 'check', 'other.yaml')
    assert.match(checked.stdout, /env:TEST_UNSET_URL: the environment variable is not set here/)
    const listed = await runCli(gateway.folder, 'keys', 'list', '-c', 'other.yaml')
    assert.equal(listed.status, 1)
    assert.match(listed.stderr, /the store cannot be found: data: env:TEST_UNSET_URL/)
  })

  test('the embedded guard opens it as well, and says so where it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-embedded-'))
    const route = { path: '/**' as const, authenticate: ['apiKey' as const] }
    const file = (data: string) =>
      `version: 1\nlog: { level: silent }\ndata: ${data}\nroutes: [${JSON.stringify(route)}]\n`
    await writeFile(join(folder, 'portcullis.yaml'), file('env:TEST_DATABASE_URL'))
    const guard = await createGuard({ config: join(folder, 'portcullis.yaml'), watch: false })
    await guard.close()
    await writeFile(join(folder, 'portcullis.yaml'), file('postgres://shop@127.0.0.1:1/shop'))
    await assert.rejects(
      createGuard({ config: join(folder, 'portcullis.yaml'), watch: false }),
      /127.0.0.1:1\/shop\) cannot be reached/,
    )
    await rm(folder, { recursive: true })
  })
})
