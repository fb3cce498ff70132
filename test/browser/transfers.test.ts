import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, before, beforeEach } from 'node:test'
import { createBrowserTest } from '../support/browser.ts'
import type { TestGateway } from '../support/gateway.ts'
import { startPolicyGateway } from '../support/policy-gateway.ts'
import { startWeb, type TestWeb } from '../support/web.ts'

const policyFile = (upstream: string, http2 = true) => `version: 1
listen: { https: { host: 127.0.0.1, port: 0, certificate: dev, http2: ${http2} } }
log: { level: silent }
upstreams: { shop: { targets: ["${upstream}"] } }
routes:
  - path: /{path*}
    access: public
    reason: a test
    upstream: shop
    loosen:
      securityHeaders: { profile: html, reason: a page and what it loads }
      bodyLimits: { maxBytes: 100MiB, reason: large uploads }
`

/** What answers the page's calls behind the gateway; each test sets it. */
let handle: RequestListener
const listener: RequestListener = (request, response) => {
  if (request.url !== '/') return handle(request, response)
  response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,">')
}

let web: TestWeb
let http1: TestGateway
/** Connections that were made to each port. */
const connections = new Map<number | undefined, number>()
const count = (message: unknown) => {
  const { localPort } = (message as { readonly socket: Socket }).socket
  connections.set(localPort, (connections.get(localPort) ?? 0) + 1)
}

before(async () => {
  web = await startWeb({ policyFile, listener })
  http1 = await startPolicyGateway(policyFile(web.upstream.url, false), web.certificate)
  subscribe('net.server.socket', count)
})
after(async () => {
  unsubscribe('net.server.socket', count)
  await http1.stop()
  await web.close()
})
beforeEach(() => {
  web.gateway.records.length = 0
  http1.records.length = 0
  connections.clear()
})

const browserTest = createBrowserTest(() => ({ ...web, ports: { 'one.example.test:443': http1.port, ...web.ports } }))

const protocols = [
  {
    name: 'HTTP/2',
    version: '2',
    origin: 'https://api.example.test',
    gateway: () => web.gateway,
    atOnce: 100,
    most: 2,
  },
  { name: 'HTTP/1.1', version: '1.1', origin: 'https://one.example.test', gateway: () => http1, atOnce: 6, most: 6 },
]

for (const { name, version, origin, gateway, atOnce, most } of protocols) {
  browserTest(`${name}: a large answer comes in parts, and its call ends where the page cancels`, async ({ open }) => {
    const part = randomBytes(1_000_000)
    const parts = Array<Buffer>(20).fill(part)
    handle = (_, response) => void pipeline(Readable.from(parts), response)
    const page = await open(origin)
    const seen = await page.evaluate(async () => {
      const chunks: Uint8Array<ArrayBuffer>[] = []
      for await (const chunk of (await fetch('/large')).body ?? []) chunks.push(chunk as Uint8Array<ArrayBuffer>)
      const digest = await crypto.subtle.digest('SHA-256', await new Blob(chunks).arrayBuffer())
      return { steps: chunks.length, sum: [...new Uint8Array(digest)] }
    })
    assert.ok(seen.steps > 1)
    assert.deepEqual(Buffer.from(seen.sum), createHash('sha256').update(Buffer.concat(parts)).digest())
    assert.equal(gateway().records.at(-1)?.exchange.httpVersion, version)

    const ended = Promise.withResolvers<void>()
    handle = (_, response) => {
      response.on('close', ended.resolve)
      response.write(part)
    }
    await page.evaluate(async () => {
      const stop = new AbortController()
      const { body } = await fetch('/endless', { signal: stop.signal })
      await body?.getReader().read()
      stop.abort()
    })
    await ended.promise
  })

  browserTest(`${name}: a large upload goes in parts, and its call ends where the page cancels`, async ({ open }) => {
    handle = async (request, response) => {
      const hash = createHash('sha256')
      for await (const chunk of request) hash.update(chunk)
      response.end(hash.digest('hex'))
    }
    const page = await open(origin)
    const seen = await page.evaluate<{ steps: number[]; sum: string }>(`new Promise((resolve) => {
      const steps = []
      const request = new XMLHttpRequest()
      request.upload.onprogress = ({ loaded }) => steps.push(loaded)
      request.onload = () => resolve({ steps, sum: request.responseText })
      request.open('POST', '/upload')
      request.send(new Blob([new Uint8Array(20_000_000).fill(7)]))
    })`)
    assert.ok(seen.steps.length > 1)
    assert.equal(seen.steps.at(-1), 20_000_000)
    assert.equal(seen.sum, createHash('sha256').update(Buffer.alloc(20_000_000, 7)).digest('hex'))

    const begun = Promise.withResolvers<IncomingMessage>()
    handle = (request) => {
      request.on('error', () => {})
      request.once('data', () => begun.resolve(request.pause()))
    }
    await page.evaluate(`{
      upload = new XMLHttpRequest()
      upload.open('POST', '/upload')
      upload.send(new Blob([new Uint8Array(50_000_000)]))
    }`)
    const upload = await begun.promise
    const ended = new Promise((resolve) => upload.on('close', resolve))
    await page.evaluate('upload.abort()')
    upload.resume()
    await ended
    assert.equal(upload.complete, false)
  })

  browserTest(
    `${name}: ${atOnce} calls at once, and again over the connections that they had`,
    async ({ open }) => {
      const page = await open(origin)
      const opened: number[] = []
      for (const round of [1, 2]) {
        // None is answered before all have come.
        const waiting: ServerResponse[] = []
        handle = (_, response) => {
          if (waiting.push(response) === atOnce) for (const one of waiting) one.end('ok')
        }
        const answers = await page.evaluate(
          ({ round, atOnce }) =>
            Promise.all(Array.from({ length: atOnce }, async (_, i) => (await fetch(`/${round}/${i}`)).text())),
          { round, atOnce },
        )
        assert.deepEqual([answers.length, new Set(answers)], [atOnce, new Set(['ok'])])
        opened.push(connections.get(gateway().port) ?? 0)
      }
      assert.ok((opened[0] ?? 0) <= most, `${opened[0]} connections`)
      assert.equal(opened[1], opened[0])
    },
    { fresh: true },
  )
}
