import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, beforeEach } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { createBrowserTest, readIn } from '../support/browser.ts'
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

const text = 'the quick brown fox jumps over the lazy dog. '.repeat(2000)
const codings: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(text),
  br: brotliCompressSync(text),
  zstd: zstdCompressSync(text),
  deflate: deflateSync(text),
}
const sound = createSound(60)

const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', api)
  switch (pathname) {
    case '/':
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><link rel="icon" href="data:,"><video></video>')
      return
    case '/login':
      response.setHeader('set-cookie', [
        'session=alice; HttpOnly; Secure; SameSite=Strict',
        'theme=dark; Expires=Fri, 31 Dec 2100 23:59:59 GMT',
        '__Host-csrf=abc; Path=/; Secure',
      ])
      response.end()
      return
    case '/logout':
      response.setHeader('set-cookie', 'session=; Max-Age=0').end()
      return
    case '/redirect':
      response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to') ?? '/' }).end()
      return
    case '/coded': {
      const coding = searchParams.get('coding') ?? ''
      response.setHeader('content-type', 'text/plain').setHeader('content-encoding', coding).end(codings[coding])
      return
    }
    case '/sound':
      sendPart(request, response)
      return
    default:
      response.end(JSON.stringify({ method: request.method, cookie: request.headers.cookie, body: `${body}` }))
  }
}

let web: TestWeb

before(async () => {
  web = await startWeb({ policyFile, answer })
})
after(() => web.close())
beforeEach(() => {
  web.upstream.seen.length = 0
})

const browserTest = createBrowserTest(() => web)

browserTest('cookies are kept as the upstream sets them', async ({ context, open }) => {
  const page = await open(api)
  await readIn(page, '/login')
  const kept = (await context.cookies()).map(({ name, value, httpOnly, secure, sameSite }) => ({
    ...{ name, value, httpOnly, secure, sameSite },
  }))
  assert.deepEqual(kept, [
    { name: 'session', value: 'alice', httpOnly: true, secure: true, sameSite: 'Strict' },
    { name: 'theme', value: 'dark', httpOnly: false, secure: false, sameSite: 'Lax' },
    { name: '__Host-csrf', value: 'abc', httpOnly: false, secure: true, sameSite: 'Lax' },
  ])
  assert.equal(await page.evaluate('document.cookie'), 'theme=dark; __Host-csrf=abc')
  const { cookie } = JSON.parse((await readIn(page, '/who')).body)
  assert.equal(cookie, 'session=alice; theme=dark; __Host-csrf=abc')
  await readIn(page, '/logout')
  assert.equal(JSON.parse((await readIn(page, '/who')).body).cookie, 'theme=dark; __Host-csrf=abc')
})

browserTest('redirects of the upstream are followed, with the method that they ask for', async ({ open }) => {
  const page = await open(api)
  const post = { method: 'POST', body: 'amount=1' }
  for (const [status, init, expected] of [
    [301, {}, { method: 'GET', body: '' }],
    [302, post, { method: 'GET', body: '' }],
    [303, post, { method: 'GET', body: '' }],
    [307, post, { method: 'POST', body: 'amount=1' }],
    [308, post, { method: 'POST', body: 'amount=1' }],
  ] as const) {
    for (const to of ['target', '/target', `${api}/target`]) {
      const { body } = await readIn(page, `/redirect?status=${status}&to=${to}`, init)
      assert.deepEqual(JSON.parse(body), expected, `${status} to ${to}`)
    }
  }
  await page.goto(`${api}/redirect?status=302&to=/target`)
  assert.equal(page.url(), `${api}/target`)
})

browserTest('compressed answers arrive as they were sent', async ({ open }) => {
  const page = await open(api)
  for (const coding of Object.keys(codings)) {
    const { headers, body } = await readIn(page, `/coded?coding=${coding}`)
    assert.equal(headers['content-encoding'], coding)
    assert.equal(headers['content-length'], String(codings[coding]?.length))
    assert.equal(body, text)
  }
})

browserTest('a part that is asked for is what comes', async ({ open }) => {
  const page = await open(api)
  const part = await readIn(page, '/sound', { headers: { range: 'bytes=8-11' } })
  assert.deepEqual([part.status, part.headers['content-range']], [206, `bytes 8-11/${sound.length}`])
  assert.equal(part.body, 'WAVE')
  const none = await readIn(page, '/sound', { headers: { range: `bytes=${sound.length}-` } })
  assert.deepEqual([none.status, none.headers['content-range']], [416, `bytes */${sound.length}`])
})

browserTest(
  'a player loads what it needs of a recording, and goes to the place that it is sent to',
  async ({ open }) => {
    const page = await open(api)
    const place = await page.evaluate(`new Promise((resolve, reject) => {
    const player = document.querySelector('video')
    player.preload = 'metadata'
    player.onerror = () => reject(new Error(player.error.message))
    player.onloadedmetadata = () => { player.currentTime = 59 }
    player.onseeked = () => resolve([player.duration, player.currentTime])
    player.src = '/sound'
  })`)
    assert.deepEqual(place, [60, 59])
    const ranges = web.upstream.seen.flatMap(({ rawHeaders }) => {
      const at = rawHeaders.findIndex((field) => field.toLowerCase() === 'range')
      return at === -1 ? [] : [rawHeaders[at + 1] ?? '']
    })
    assert.equal(ranges[0], 'bytes=0-')
    assert.ok(
      ranges.some((range) => Number(/\d+/.exec(range)) > sound.length / 2),
      String(ranges),
    )
  },
)

function sendPart({ headers }: IncomingMessage, response: ServerResponse): void {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  const end = last === '' ? sound.length - 1 : Number(last)
  response.setHeader('content-type', 'audio/wav').setHeader('accept-ranges', 'bytes')
  if (first === '') response.end(sound)
  else if (Number(first) >= sound.length) {
    response.writeHead(416, { 'content-range': `bytes */${sound.length}` }).end()
  } else {
    response.writeHead(206, { 'content-range': `bytes ${first}-${end}/${sound.length}` })
    response.end(sound.subarray(Number(first), end + 1))
  }
}

/** Silence as a WAV file: 16 bits, two channels, 48 kHz. */
function createSound(seconds: number): Buffer {
  const bytes = seconds * 48_000 * 4
  const file = Buffer.alloc(44 + bytes)
  file.write('RIFF', 0)
  file.writeUInt32LE(36 + bytes, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(2, 22)
  file.writeUInt32LE(48_000, 24)
  file.writeUInt32LE(48_000 * 4, 28)
  file.writeUInt16LE(4, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(bytes, 40)
  return file
}
