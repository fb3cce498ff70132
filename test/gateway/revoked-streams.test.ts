import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { runCli } from '../support/run-cli.ts'
import { type ServedGateway, serveGateway } from '../support/served-gateway.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let upstream: TestUpstreamServer
let gateway: ServedGateway

before(async () => {
  upstream = await startUpstreamServer(undefined, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: open\n\n')
  })
  upstream.server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')
  })
  gateway = await serveGateway(`version: 1
listen: { http: { host: 127.0.0.1, port: 0, serve: true, reason: a test } }
server: { workers: 2 }
log: { to: { file: portcullis.log } }
upstreams: { test: { targets: ["${upstream.url}"] } }
routes:
  - { path: /stream, methods: [GET], upstream: test, authenticate: [apiKey] }
`)
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})

async function open(key: string, head = ''): Promise<Socket> {
  const socket = connect(Number(new URL(gateway.urls[0] ?? '').port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`GET /stream HTTP/1.1\r\nHost: a\r\nX-API-Key: ${key}\r\n${head}\r\n`)
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), head === '' ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 101 /)
  return socket
}

const upgrade =
  'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

test('a key that is revoked by the command line ends its streams and WebSockets, and no others', async () => {
  const [key, other] = [await gateway.createKey('one'), await gateway.createKey('other')]
  const own = [await open(key), await open(key, upgrade), await open(key)]
  const others = [await open(other), await open(other, upgrade)]
  const ended = Promise.all(own.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))))
  const { status } = await runCli(
    gateway.folder,
    'keys',
    'revoke',
    key.split('_')[1] ?? '',
    '--config',
    gateway.policyFile,
  )
  assert.equal(status, 0)
  const revokedAt = performance.now()
  await ended
  assert.ok(performance.now() - revokedAt < 1_500, `${performance.now() - revokedAt} ms`)
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.deepEqual(
    others.map(({ closed }) => closed),
    [false, false],
  )
  for (const socket of others) socket.destroy()
})
