import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestCertificate } from '../support/certificate.ts'
import { endsWithin, eventually } from '../support/eventually.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import {
  connectFrames,
  endHeaders,
  endStream,
  type FrameConnection,
  frameType,
  requestFields,
  toFieldBlock,
  toFrame,
  toInteger,
} from '../support/http2-frames.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

let upstream: TestUpstreamServer
let gateway: TestGateway
let client: FrameConnection
const seenFields: string[] = []

before(async () => {
  upstream = await startUpstreamServer(undefined, (request, response) => {
    seenFields.push(...request.rawHeaders)
    if (request.url !== '/hang') request.resume().on('end', () => response.end('ok'))
  })
  const snapshot = testSnapshot({
    upstreams: { test: testUpstream([upstream.url]) },
    routes: [testRoute('/**')],
    server: { ...testSnapshot().server, keepAliveTimeoutMs: 400, idleTimeoutMs: 1_000 },
  })
  gateway = await startTestGateway(
    {
      ...snapshot,
      listen: { https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true }, http: null, admin: null },
    },
    { certificates: [{ ...createTestCertificate('localhost'), source: 'test' }] },
  )
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(async () => {
  client?.socket.destroy()
  await sleep(20)
  gateway.records.length = 0
  client = await connectFrames(gateway.port)
})

const request = (stream: number, path = '/ok', method = 'GET', flags = endHeaders | endStream) =>
  toFrame(frameType.headers, flags, stream, toFieldBlock(requestFields(path, method)))

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Sends frames until the server ends the connection; fails when it never does. */
async function sendUntilClosed(
  what: string,
  next: (turn: number) => Buffer,
  turns: number,
  batch = 100,
): Promise<void> {
  let sent = 0
  const pump = async () => {
    while (sent < turns && client.socket.writable) {
      client.send(Buffer.concat(Array.from({ length: batch }, () => next(sent++))))
      await sleep(1)
    }
  }
  await pump()
  const ended = await endsWithin(1_500, client.closed)
  assert.ok(ended, `${what}: still open after ${sent} frames`)
}

/** The gateway is well, and has let go of everything. */
async function isWell(): Promise<void> {
  await eventually('every exchange has ended', () => upstreamLoad() === 0)
  const other = await connectFrames(gateway.port)
  other.send(request(1))
  await eventually('another client is served', () => other.frames.some(({ type }) => type === frameType.data))
  other.socket.destroy()
}

const upstreamLoad = () =>
  [...(gateway.serving.current?.upstreams.values() ?? [])]
    .flatMap((one) => one.status())
    .reduce((sum, { active, queued, slow }) => sum + active + queued + slow, 0)

test('rapid reset: the connection is ended before it has cost much (CVE-2023-44487)', async () => {
  await sendUntilClosed(
    'rapid reset',
    (turn) => Buffer.concat([request(turn * 2 + 1, '/hang'), toFrame(frameType.rstStream, 0, turn * 2 + 1, uint32(8))]),
    5_000,
    50,
  )
  assert.ok(gateway.records.length < 1_000, `${gateway.records.length} exchanges`)
  await isWell()
})

test('streams that are made to be reset by the gateway are bounded too (CVE-2025-8671)', async () => {
  await sendUntilClosed(
    'window updates of nothing',
    (turn) =>
      Buffer.concat([request(turn * 2 + 1, '/hang'), toFrame(frameType.windowUpdate, 0, turn * 2 + 1, uint32(0))]),
    2_000,
    20,
  )
  assert.ok(gateway.records.length < 300, `${gateway.records.length} exchanges`)
  await isWell()
})

test('CONTINUATION frames without end are not collected', async () => {
  client.send(toFrame(frameType.headers, endStream, 1, toFieldBlock(requestFields('/ok'))))
  const filler = toFieldBlock([['x-filler', 'y'.repeat(8_000)]])
  await sendUntilClosed('continuation', () => toFrame(frameType.continuation, 0, 1, filler), 2_000, 10)
  assert.equal(gateway.records.length, 0)
  await isWell()
})

test('a small block that unpacks to a large one is refused (HPACK bomb)', async () => {
  // One field of 3 KB enters the table; each further octet of the block names it again.
  const field = Buffer.concat([
    Buffer.from([0x40]),
    toInteger(6, 7),
    Buffer.from('x-bomb'),
    toInteger(3_000, 7),
    Buffer.alloc(3_000, 'z'),
  ])
  const block = Buffer.concat([toFieldBlock(requestFields('/ok')), field, Buffer.alloc(10_000, 0x80 | 62)])
  client.send(toFrame(frameType.headers, endHeaders | endStream, 1, block))
  await eventually(
    'it is refused',
    () =>
      client.socket.destroyed ||
      client.frames.some(
        ({ type, stream }) => type === frameType.goaway || (type === frameType.rstStream && stream === 1),
      ),
  )
  assert.equal(gateway.records.filter(({ outcome }) => outcome.status === 200).length, 0)
  await isWell()
})

test('more streams than allowed are refused, not queued', async () => {
  client.send(...Array.from({ length: 300 }, (_, i) => request(i * 2 + 1, '/hang')))
  await eventually(
    'some are refused',
    () =>
      client.socket.destroyed ||
      client.frames.some(({ type }) => type === frameType.rstStream || type === frameType.goaway),
  )
  client.socket.destroy()
  await sleep(50)
  assert.ok(gateway.records.length <= 128, `${gateway.records.length} exchanges`)
  await isWell()
})

test('what HTTP/1 would be confused by never gets that far', async () => {
  const smuggled: [string, [string, string][]][] = [
    ['transfer-encoding', [['transfer-encoding', 'chunked']]],
    ['connection', [['connection', 'x-forwarded-for']]],
    ['a line break in a value', [['x-a', 'b\r\ntransfer-encoding: chunked']]],
    ['a line break in a name', [['x-a\r\nhost: b', 'c']]],
    ['a colon in a name', [['x-a: b', 'c']]],
    ['capitals', [['X-A', 'b']]],
    ['a wrong length', [['content-length', '5']]],
    [
      'two lengths',
      [
        ['content-length', '0'],
        ['content-length', '5'],
      ],
    ],
    ['no number', [['content-length', 'abc']]],
    ['a second path', [[':path', '/other']]],
    ['an unknown pseudo field', [[':other', 'x']]],
  ]
  for (const [name, fields] of smuggled) {
    seenFields.length = 0
    gateway.records.length = 0
    const own = await connectFrames(gateway.port)
    own.send(toFrame(frameType.headers, endHeaders | endStream, 1, toFieldBlock([...requestFields('/ok'), ...fields])))
    await eventually(
      `${name} is refused`,
      () => own.socket.destroyed || own.frames.some(({ type, stream }) => type === frameType.goaway || stream === 1),
    )
    // Fields that are no fields are refused or dropped; of the others nothing is served.
    const [field = ''] = (fields[0] ?? []) as string[]
    if (/^(x-a|X-A)/.test(field)) {
      assert.ok(!seenFields.some((text) => /^x-a|chunked|^b$|^c$/i.test(text)), `${name}: ${seenFields}`)
    } else assert.ok(!gateway.records.some(({ outcome }) => outcome.status === 200), name)
    own.socket.destroy()
  }
  for (const [path, method] of [
    ['/ok HTTP/1.1', 'GET'],
    ['/ok\r\nX: y', 'GET'],
    ['ok', 'GET'],
    ['*', 'GET'],
    ['/ok', 'GET /admin HTTP/1.1'],
    ['/ok', 'CONNECT'],
  ] as const) {
    gateway.records.length = 0
    const own = await connectFrames(gateway.port)
    own.send(request(1, path, method))
    await eventually(
      `${method} ${path} is refused`,
      () => own.socket.destroyed || own.frames.some(({ type, stream }) => type === frameType.goaway || stream === 1),
    )
    assert.ok(!gateway.records.some(({ outcome }) => outcome.status === 200), path)
    own.socket.destroy()
  }
})

test('floods of control frames are bounded', async () => {
  const before = process.memoryUsage.rss()
  // The client reads nothing of what it is answered.
  client.socket.pause()
  await sendUntilClosed('pings', () => toFrame(frameType.ping, 0, 0, Buffer.alloc(8)), 400_000, 4_000)
  assert.ok(process.memoryUsage.rss() - before < 100_000_000)
  await isWell()
})

test('a connection that says nothing more is ended, also where it takes nothing', async () => {
  const silent = await connectFrames(gateway.port)
  const stuck = await connectFrames(gateway.port)
  stuck.send(request(1))
  stuck.socket.pause()
  const started = performance.now()
  await silent.closed
  assert.ok(performance.now() - started < 4_000)
  await eventually('both are gone', () => gateway.serving.current !== null && silent.socket.destroyed, 4_000)
  stuck.socket.resume()
  await stuck.closed
})

test('a body that trickles over HTTP/2 is ended with its stream, the connection goes on', async () => {
  client.send(request(1, '/ok', 'POST', endHeaders))
  const pump = setInterval(() => client.send(toFrame(frameType.ping, 0, 0, Buffer.alloc(8))), 100)
  await eventually('the stream is answered', () => client.frames.some(({ stream }) => stream === 1), 5_000)
  clearInterval(pump)
  await eventually('it is recorded', () => gateway.records.length === 1)
  assert.equal(gateway.records[0]?.outcome.status, 408)
  client.send(request(3))
  await eventually('another stream is served', () => client.frames.some(({ stream }) => stream === 3))
})
