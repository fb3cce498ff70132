import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eventually } from './support/eventually.ts'
import { createTestKey, signTestToken } from './support/issuer.ts'
import { runCli } from './support/run-cli.ts'
import { type ServedGateway, serveGateway } from './support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from './support/upstream-server.ts'

const iss = 'https://login.example.com/'
const key = createTestKey()
let upstream: TestUpstreamServer
let gateway: ServedGateway

before(async () => {
  upstream = await startUpstreamServer()
  gateway = await serveGateway(async (folder) => {
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys: [key.jwk] }))
    return `version: 1
listen:
  http: { host: 127.0.0.1, port: 0, serve: true, reason: a test }
server: { workers: 2 }
log: { to: { file: gateway.log } }
upstreams: { shop: { targets: ["${upstream.url}"] } }
issuers: { main: { issuer: "${iss}", audience: shop, keys: "file:keys.json" } }
routes:
  - { path: /orders, methods: [GET], upstream: shop, authenticate: [jwt] }
`
  })
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})

/** Over a connection of its own, so that either worker may get it. */
function call(token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = `${gateway.urls[0]}/orders`
    const sent = request(url, { agent: false, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject).end()
  })
}

const callMany = (token: string) => Promise.all(Array.from({ length: 20 }, () => call(token)))

test('a revocation from the command line reaches every worker within a second', async () => {
  const token = await signTestToken(iss, key, { jti: 'token-1' })
  const other = await signTestToken(iss, key, { jti: 'token-2' })
  assert.deepEqual(new Set(await callMany(token)), new Set([200]))
  await callMany(other)
  const revoked = await runCli(gateway.folder, 'tokens', 'revoke', '--issuer', 'main', '--jti', 'token-1')
  assert.equal(revoked.status, 0, revoked.stderr)
  await eventually(
    'every worker refuses it',
    async () => (await callMany(token)).every((status) => status === 401),
    3000,
  )
  assert.deepEqual(new Set(await callMany(other)), new Set([200]))
  const listed = await runCli(gateway.folder, 'tokens', 'revoked', 'list', '--json')
  assert.equal(JSON.parse(listed.stdout)[0].value, 'token-1')
  const readLog = () => readFile(join(gateway.folder, 'gateway.log'), 'utf8')
  await eventually('it is logged', async () => (await readLog()).includes('"code":"token_revoked"'))
})
