import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { after, before, beforeEach } from 'node:test'
import type { Page } from 'playwright-core'
import { type WebSocket, WebSocketServer } from 'ws'
import { createBrowserTest } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startWeb, type TestWeb } from '../support/web.ts'

const api = 'https://api.example.test'

const policyFile = (upstream: string) => `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: dev } }
log: { level: silent }
upstreams: { shop: { targets: ["${upstream}"] } }
routes:
  - path: /{path*}
    access: public
    reason: a test
    upstream: shop
    loosen: { securityHeaders: { profile: html, reason: a page and what it loads } }
`

/** Calls for events that came to the upstream. */
let calls: { readonly request: IncomingMessage; readonly response: ServerResponse }[]
let sockets: WebSocket[]
let web: TestWeb

const listener: RequestListener = (request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1\n\n')
    calls.push({ request, response })
  } else response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,">')
}

before(async () => {
  web = await startWeb({ policyFile, listener })
  const server = new WebSocketServer({ server: web.upstream.server, handleProtocols: () => 'chat' })
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
})
after(() => web.close())
beforeEach(() => {
  calls = []
  sockets = []
  web.gateway.records.length = 0
})

const browserTest = createBrowserTest(() => web)

browserTest('a WebSocket carries text and bytes both ways, and its close with the reason', async ({ open }) => {
  const page = await open(api)
  const seen = await page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket('wss://api.example.test/socket', ['other', 'chat'])
    socket.binaryType = 'arraybuffer'
    const got = []
    socket.onopen = () => {
      got.push(socket.protocol)
      socket.send('hello')
      socket.send(new Uint8Array(1_000_000).fill(7))
    }
    socket.onmessage = ({ data }) => {
      got.push(typeof data === 'string' ? data : new Uint8Array(data).reduce((sum, byte) => sum + byte))
      if (got.length === 3) socket.close(4001, 'done')
    }
    socket.onclose = ({ code, reason, wasClean }) => resolve([...got, code, reason, wasClean])
  })`)
  assert.deepEqual(seen, ['chat', 'hello', 7_000_000, 4001, 'done', true])
  await eventually('the handshake is recorded', () => web.gateway.records.length === 2)
  assert.deepEqual(
    web.gateway.records.map(({ exchange, outcome }) => [exchange.path, exchange.httpVersion, outcome.status]),
    [
      ['/', '2', 200],
      ['/socket', '1.1', 101],
    ],
  )
})

browserTest('a WebSocket ends on both sides, whichever goes', async ({ open }) => {
  const page = await open(api)
  const openSocket = () =>
    page.evaluate(`new Promise((resolve) => {
      socket = new WebSocket('wss://api.example.test/socket', 'chat')
      socket.onopen = resolve
      ending = new Promise((resolve) => { socket.onclose = ({ code }) => resolve(code) })
    })`)
  await openSocket()
  sockets[0]?.close(1012)
  assert.equal(await page.evaluate('ending'), 1012)
  await openSocket()
  sockets[1]?.terminate()
  assert.equal(await page.evaluate('ending'), 1006)
  await openSocket()
  const ended = new Promise((resolve) => sockets[2]?.on('close', resolve))
  await page.close()
  assert.equal(await ended, 1001)
})

browserTest('events arrive one by one, and the call ends where the page closes it', async ({ open }) => {
  const page = await open(api)
  await listen(page)
  const [call] = calls
  for (const text of ['one', 'two']) {
    call?.response.write(`event: news\ndata: ${text}\n\n`)
    assert.equal(await page.evaluate('next()'), text)
  }
  const ended = new Promise((resolve) => call?.response.on('close', resolve))
  await page.evaluate('source.close()')
  await ended
  assert.equal(calls.length, 1)
  assert.equal(web.gateway.records.at(-1)?.exchange.httpVersion, '2')
})

browserTest('events that were missed are asked for after a break', async ({ open }) => {
  const page = await open(api)
  await listen(page)
  calls[0]?.response.end('id: 7\nevent: news\ndata: one\n\n')
  assert.equal(await page.evaluate('next()'), 'one')
  await eventually('the page comes back', () => calls.length === 2)
  assert.equal(calls[1]?.request.headers['last-event-id'], '7')
  // A connection that breaks is as good as one that ends.
  calls[1]?.response.write('id: 8\nevent: news\ndata: two\n\n')
  assert.equal(await page.evaluate('next()'), 'two')
  calls[1]?.response.destroy()
  await eventually('the page comes back again', () => calls.length === 3)
  assert.equal(calls[2]?.request.headers['last-event-id'], '8')
})

/** Opens the stream of events; `next()` in the page waits for the next one. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const texts = []
    let wake = () => {}
    next = async () => {
      if (texts.length === 0) await new Promise((resolve) => { wake = resolve })
      return texts.shift()
    }
    source = new EventSource('/events')
    source.addEventListener('news', ({ data }) => { texts.push(data); wake() })
    source.onopen = resolve
  })`)
}
