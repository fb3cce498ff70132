import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startIntrospectionServer, type TestIntrospectionServer } from '../support/introspection-server.ts'
import { createTestKey, signTestToken } from '../support/issuer.ts'
import { runCli } from '../support/run-cli.ts'
import { type ServedGateway, serveGateway } from '../support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

const iss = 'https://login.example.com/'
const signer = createTestKey()
let upstream: TestUpstreamServer
let introspection: TestIntrospectionServer
let gateway: ServedGateway

before(async () => {
  upstream = await startUpstreamServer(undefined, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: open\n\n')
  })
  upstream.server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {}).on('end', () => socket.end())
    socket.resume()
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')
  })
  introspection = await startIntrospectionServer({ id: 'gateway', secret: 'secret' })
  gateway = await serveGateway(async (folder) => {
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys: [signer.jwk] }))
    await writeFile(join(folder, 'secret'), 'secret')
    return `version: 1
listen: { http: { host: 127.0.0.1, port: 0, serve: true, reason: a test } }
server: { workers: 2 }
log: { to: { file: portcullis.log } }
upstreams: { test: { targets: ["${upstream.url}"] } }
issuers: { main: { issuer: "${iss}", audience: shop, keys: "file:keys.json" } }
defaults:
  introspection:
    issuer: ${introspection.url}
    endpoint: ${introspection.endpoint}
    client: { id: gateway, secret: file:secret }
    lifetime: 1s
    allowPrivateAddress: { reason: a test }
    allowPlainHttp: { reason: a test }
routes:
  - { path: /stream, methods: [GET], upstream: test, authenticate: [apiKey, jwt, introspection] }
`
  })
})
after(async () => {
  await gateway.stop()
  await upstream.close()
  introspection.close()
})

const withKey = (key: string) => `X-API-Key: ${key}\r\n`
const withToken = (token: string) => `Authorization: Bearer ${token}\r\n`

async function open(credential: string, head = ''): Promise<Socket> {
  const socket = connect(Number(new URL(gateway.urls[0] ?? '').port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`GET /stream HTTP/1.1\r\nHost: a\r\n${credential}${head}\r\n`)
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), head === '' ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 101 /)
  return socket
}

const upgrade =
  'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

/** Opens streams and WebSockets with both; `end` must end those of the first within the time, and none of the other's. */
async function endsOnlyOwn(own: string, other: string, end: () => Promise<void>, limitMs = 1_500): Promise<void> {
  const ending = [await open(own), await open(own, upgrade), await open(own)]
  const others = [await open(other), await open(other, upgrade)]
  const ended = Promise.all(ending.map((socket) => new Promise<void>((resolve) => socket.once('close', resolve))))
  await end()
  const from = performance.now()
  await ended
  assert.ok(performance.now() - from < limitMs, `${performance.now() - from} ms`)
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.deepEqual(
    others.map(({ closed }) => closed),
    [false, false],
  )
  for (const socket of others) socket.destroy()
}

async function run(...args: string[]): Promise<void> {
  const { status, stderr } = await runCli(gateway.folder, ...args, '--config', gateway.policyFile)
  assert.equal(status, 0, stderr)
}

test('a key that is revoked by the command line ends its streams and WebSockets, and no others', async () => {
  const [key, other] = [await gateway.createKey('one'), await gateway.createKey('other')]
  await endsOnlyOwn(withKey(key), withKey(other), () => run('keys', 'revoke', key.split('_')[1] ?? ''))
})

test('so does a token, a session and a subject', async () => {
  const other = withToken(await signTestToken(iss, signer, { sub: 'other' }))
  for (const [claims, ...named] of [
    [{ sub: 'a', jti: 'token-1' }, '--jti', 'token-1'],
    [{ sub: 'b', sid: 'session-1' }, '--sid', 'session-1'],
    [{ sub: 'c' }, '--subject', 'c'],
  ] as const) {
    const own = withToken(await signTestToken(iss, signer, claims))
    await endsOnlyOwn(own, other, () => run('tokens', 'revoke', '--issuer', 'main', ...named))
  }
})

test('a token that expires ends what it opened', async () => {
  const exp = Math.floor(Date.now() / 1000) + 3
  const own = withToken(await signTestToken(iss, signer, { exp }))
  const other = withToken(await signTestToken(iss, signer, {}))
  await endsOnlyOwn(own, other, async () => assert.ok(Date.now() < exp * 1000, 'it ended early'), 4_500)
  assert.ok(Date.now() >= exp * 1000)
})

test('a token that its issuer is asked about ends where it is revoked here, or there', async () => {
  const active = (sub: string) => ({ active: true, iss: introspection.url, aud: 'shop', sub })
  for (const name of ['here', 'there', 'other']) introspection.tokens.set(name, active(name))
  const other = withToken('other')
  await endsOnlyOwn(withToken('here'), other, () =>
    run('tokens', 'revoke', '--issuer', introspection.url, '--subject', 'here'),
  )
  const taken = async () => void introspection.tokens.delete('there')
  await endsOnlyOwn(withToken('there'), other, taken, 3_000)
})
