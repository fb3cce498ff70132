import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { UnsecuredJWT } from 'jose'
import { WebSocket } from 'ws'
import { type Shop, startShop } from './shop.ts'

let shop: Shop
before(async () => {
  shop = await startShop()
})
after(() => shop.close())

const liveUrl = (of: Shop) => `${of.url.replace('http', 'ws')}/live`

async function open(of = shop, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(liveUrl(of), { headers })
  await once(socket, 'open')
  return socket
}

async function ask(socket: WebSocket, message: string | Buffer): Promise<{ data: Buffer; isBinary: boolean }> {
  socket.send(message)
  const [data, isBinary] = await once(socket, 'message')
  return { data, isBinary }
}

test('sends back text and binary messages of every length class', async () => {
  const socket = await open()
  for (const length of [0, 1, 125, 126, 65535, 65536, 1024 * 1024]) {
    const text = 'é'.repeat(length / 2).padEnd(length / 2)
    const echo = await ask(socket, text)
    assert.equal(echo.isBinary, false)
    assert.equal(echo.data.toString(), text)
  }
  const bytes = Buffer.from([0, 255, 128, 7])
  assert.deepEqual(await ask(socket, bytes), { data: bytes, isBinary: true })
  socket.close()
  await once(socket, 'close')
})

test('knows who the gateway says is calling', async () => {
  const anonymous = await open()
  assert.equal((await ask(anonymous, 'whoami')).data.toString(), 'anonymous')
  anonymous.close()
  const identity = new UnsecuredJWT({}).setSubject('key:demo').encode()
  const known = await open(shop, { 'portcullis-identity': identity })
  assert.equal((await ask(known, 'whoami')).data.toString(), 'key:demo')
  known.close()
})

test('answers a ping, joins fragments, and closes with the code it was given', async () => {
  const socket = await open()
  socket.ping('are you there')
  assert.equal(String((await once(socket, 'pong'))[0]), 'are you there')

  const whole = once(socket, 'message')
  socket.send('one ', { fin: false })
  socket.ping()
  socket.send('two ', { fin: false })
  socket.send('three', { fin: true })
  assert.equal(String((await whole)[0]), 'one two three')

  socket.close(4001, 'enough')
  assert.equal((await once(socket, 'close'))[0], 4001)
})

test('works with the WebSocket of the runtime too', async () => {
  const socket = new globalThis.WebSocket(liveUrl(shop))
  await once(socket, 'open')
  socket.send('hello')
  const [event] = await once(socket, 'message')
  assert.equal((event as MessageEvent).data, 'hello')
  socket.close(1000)
  const [closed] = await once(socket, 'close')
  assert.equal((closed as CloseEvent).code, 1000)
})

test('closes with the code of the standard on every broken frame', async () => {
  const mask = [0, 0, 0, 0]
  const frames: Record<string, [bytes: number[], closeCode: number]> = {
    'not masked': [[0x81, 0x01, 0x61], 1002],
    'reserved bit': [[0xc1, 0x81, ...mask, 0x61], 1002],
    'unknown opcode': [[0x83, 0x80, ...mask], 1002],
    'ping in fragments': [[0x09, 0x80, ...mask], 1002],
    'ping of 126 bytes': [[0x89, 0xfe, 0x00, 0x7e, ...mask], 1002],
    'continuation of nothing': [[0x80, 0x81, ...mask, 0x61], 1002],
    'new message inside a message': [[0x01, 0x81, ...mask, 0x61, 0x81, 0x81, ...mask, 0x61], 1002],
    'text that is not UTF-8': [[0x81, 0x81, ...mask, 0xff], 1007],
    'too large': [[0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, ...mask], 1009],
    'larger than a number': [[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...mask], 1009],
    'too many fragments': [
      [
        0x01,
        0x80,
        ...mask,
        ...Array(1024)
          .fill([0x00, 0x80, ...mask])
          .flat(),
      ],
      1009,
    ],
    'close with one byte': [[0x88, 0x81, ...mask, 0x03], 1002],
    'close with a code that is never sent': [[0x88, 0x82, ...mask, 0x03, 0xed], 1002],
    'close that is fine': [[0x88, 0x82, ...mask, 0x0f, 0xa1], 4001],
  }
  for (const [name, [bytes, closeCode]] of Object.entries(frames)) {
    const { socket, read } = await rawHandshake()
    socket.write(Buffer.from(bytes))
    const answer = await read(4)
    assert.deepEqual([...answer.subarray(0, 2)], [0x88, 0x02], name)
    assert.equal(answer.readUInt16BE(2), closeCode, name)
    await once(socket.end(), 'close')
  }
})

test('reads a frame that arrives byte by byte, and one that comes with the handshake', async () => {
  const frame = Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x69 ^ 1, 0x6f ^ 2])
  const { socket, read } = await rawHandshake()
  socket.setNoDelay(true)
  for (const byte of frame) {
    socket.write(Buffer.from([byte]))
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  assert.deepEqual(await read(4), Buffer.from([0x81, 2, 0x69, 0x6f]))
  socket.destroy()

  const early = await rawHandshake({}, frame)
  assert.deepEqual(await early.read(4), Buffer.from([0x81, 2, 0x69, 0x6f]))
  early.socket.destroy()
})

test('refuses handshakes that are not of RFC 6455', async () => {
  const wrong = [
    { 'Sec-WebSocket-Version': '8' },
    { 'Sec-WebSocket-Key': 'short' },
    { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAAA' },
  ]
  const answers = await Promise.all(wrong.map((headers) => rawHandshake(headers)))
  const heads = answers.map(({ head }) => head)
  assert.match(heads[0]!, /^HTTP\/1\.1 426 .*Sec-WebSocket-Version: 13\r\n/s)
  assert.match(heads[1]!, /^HTTP\/1\.1 400 /)
  assert.match(heads[2]!, /^HTTP\/1\.1 400 /)
  assert.equal((await fetch(`${shop.url}/live`)).status, 426)
})

test('upgrades nothing but /live, and to nothing but a WebSocket', async () => {
  const elsewhere = await rawHandshake({}, Buffer.alloc(0), '/products')
  assert.match(elsewhere.head, /^HTTP\/1\.1 200 /)
  elsewhere.socket.destroy()
  const other = await rawHandshake({ Upgrade: 'h2c' })
  assert.match(other.head, /^HTTP\/1\.1 426 /)
  other.socket.destroy()
})

test('a client that sends and never reads is held back instead of piling up here', async () => {
  const { socket } = await rawHandshake()
  socket.pause()
  const frame = Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]), Buffer.alloc(1 << 20)])
  let frames = 0
  while (socket.write(frame) || (await drained(socket, 300))) {
    frames += 1
    assert.ok(frames < 200, 'the socket is full at some point')
  }
  socket.destroy()
  assert.equal((await fetch(`${shop.url}/health`)).status, 200)
})

test('says "going away" when the shop closes, and does not wait for those who do not answer', async () => {
  const closing = await startShop()
  const polite = await open(closing)
  const { socket: silent } = await rawHandshake({}, Buffer.alloc(0), '/live', closing)
  const goodbye = once(polite, 'close')
  const cut = once(silent, 'close')
  await closing.close()
  assert.equal((await goodbye)[0], 1001)
  silent.destroy()
  await cut
})

async function rawHandshake(
  headers: Record<string, string> = {},
  early = Buffer.alloc(0),
  path = '/live',
  of = shop,
): Promise<{ socket: Socket; head: string; read(bytes: number): Promise<Buffer> }> {
  const all = {
    Host: 'shop',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const socket = connect({ port: Number(new URL(of.url).port), host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  let received: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
  })
  const read = async (bytes: number): Promise<Buffer> => {
    while (received.length < bytes) await once(socket, 'data')
    const taken = received.subarray(0, bytes)
    received = received.subarray(bytes)
    return taken
  }

  socket.write(Buffer.concat([Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), early]))
  while (!received.includes('\r\n\r\n')) await once(socket, 'data')
  const head = String(await read(received.indexOf('\r\n\r\n') + 4))
  // The example of RFC 6455, 1.3.
  if (head.startsWith('HTTP/1.1 101')) assert.match(head, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/)
  return { socket, head, read }
}

function drained(socket: Socket, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs)
    socket.once('drain', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
