import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, IncomingMessage, request as send } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { defineConfig } from '../config/define-config.ts'
import { next, type Refusal, refuse } from '../core/decision.ts'
import { createGuard } from './create-guard.ts'
import { EmbeddedBody } from './embedded-body.ts'
import type { Guard } from './guard.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-bodies-'))
const long = 'x'.repeat(100_000)
let guard: Guard

before(async () => {
  const config = defineConfig({
    version: 1,
    data: `sqlite:${join(folder, 'portcullis.db')}`,
    log: { level: 'silent' },
    routes: [{ path: '/', access: 'public', reason: 'a test', bodyLimits: { maxBytes: '1KiB' } }],
  })
  guard = await createGuard({ config })
})

after(async () => {
  await guard.close()
  rmSync(folder, { recursive: true })
})

/** A handler that answers with what it read, and what came of its reading. */
function createHandler(guarded: boolean) {
  const reading = Promise.withResolvers<string>()
  const listener = (request: unknown, response: unknown) => {
    const pair = [request, response] as unknown as Parameters<Guard['handle']>
    const read = () => {
      text(pair[0]).then(reading.resolve, reading.reject)
      return reading.promise.then(
        (body) => pair[1].end(String(body.length)),
        () => pair[1].end('broken off'),
      )
    }
    if (guarded) guard.handle(pair[0], pair[1], read)
    else void read()
  }
  return { listener, read: reading.promise }
}

async function postByHttp1(body: string, guarded: boolean) {
  const { listener, read } = createHandler(guarded)
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // No length is declared: Node sends chunks.
  const request = send({ port: (server.address() as AddressInfo).port, method: 'POST', agent: false })
  request.write(body)
  const [response] = (await once(request.end(), 'response')) as [IncomingMessage]
  const answer = { status: response.statusCode, body: await text(response), read }
  server.close()
  return answer
}

async function postByHttp2(body: string, guarded: boolean) {
  const { listener, read } = createHandler(guarded)
  const server = createHttp2Server(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = session.request({ ':method': 'POST', ':path': '/' })
  stream.end(body)
  const [headers] = await once(stream, 'response')
  const answer = { status: headers[':status'], body: await text(stream), read }
  session.destroy()
  server.close()
  return answer
}

for (const [protocol, post] of Object.entries({ 'HTTP/1.1': postByHttp1, 'HTTP/2': postByHttp2 })) {
  describe(`a body of undeclared length over ${protocol}`, () => {
    test('passes where it is short enough', async () => {
      assert.deepEqual(await post('short', true).then(({ status, body }) => ({ status, body })), {
        status: 200,
        body: '5',
      })
    })

    test('is taken whole without a guard, and refused by one', async () => {
      assert.equal((await post(long, false)).body, String(long.length))
      const { status, body } = await post(long, true)
      assert.equal(status, 413, body)
      assert.match(body, /content-too-large/)
    })

    test('breaks off for the handler that reads it', { timeout: 10_000 }, async () => {
      const { read } = await post(long, true)
      await assert.rejects(read)
    })
  })
}

test('a body that several chunks show to be wrong is refused once', async () => {
  const request = new IncomingMessage(new Socket())
  const refusals: Refusal[] = []
  const body = new EmbeddedBody(request, null, (refusal) => refusals.push(refusal))
  const late = Promise.withResolvers<Refusal>()
  body.inspect(() => late.promise)
  assert.equal(body.release(), null)
  request.push(Buffer.from('wrong'))
  request.push(null)
  late.resolve(refuse('body_limits_encoding_broken'))
  await new Promise(setImmediate)
  assert.equal(refusals.length, 1)
})

describe('a body that came while a policy waited', () => {
  /** Over a real connection, on which the body comes with the head; the policies take some time. */
  async function post(sent: string, judge: (body: EmbeddedBody) => void) {
    const server = createServer(async (request, response) => {
      const body = new EmbeddedBody(request, null, (refusal) => response.end(`late ${refusal.code}`))
      judge(body)
      await sleep(20)
      const refusal = await body.release()
      response.end(refusal === null ? await text(request) : refusal.code)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const request = send({ port: (server.address() as AddressInfo).port, method: 'POST', agent: false })
    request.write(sent)
    const [response] = (await once(request.end(), 'response')) as [IncomingMessage]
    const answer = await text(response)
    server.close()
    return answer
  }
  const seen: (string | null)[] = []
  const note = (chunk: Uint8Array | null) => {
    seen.push(chunk === null ? null : Buffer.from(chunk).toString())
    return chunk !== null && Buffer.from(chunk).includes('wrong') ? refuse('wrong') : next
  }

  test('is counted', async () => {
    const limit = (body: EmbeddedBody) => {
      body.maxBytes = 1024
    }
    assert.equal(await post('x'.repeat(1025), limit), 'body_too_large')
    assert.equal(await post('x'.repeat(1024), limit), 'x'.repeat(1024))
  })

  test('is judged, by who decides at once and by who needs time, and handed over whole', async () => {
    for (const later of [false, true]) {
      seen.length = 0
      const judge = (body: EmbeddedBody) =>
        body.inspect((chunk) => (later ? sleep(5).then(() => note(chunk)) : note(chunk)))
      assert.equal(await post('a body', judge), 'a body')
      assert.deepEqual(seen, ['a body', null])
      assert.equal(await post('what is wrong', judge), 'wrong')
    }
  })

  test('is handed over in its order where more of it comes', async () => {
    const long = Array.from({ length: 40_000 }, (_, i) => i % 100).join(',')
    seen.length = 0
    const judge = (body: EmbeddedBody) =>
      body.inspect((chunk) => {
        seen.push(chunk === null ? null : Buffer.from(chunk).toString())
        return sleep(2).then(() => next)
      })
    assert.ok((await post(long, judge)) === long)
    assert.ok(seen.join('') === long)
    assert.equal(seen.at(-1), null)
  })
})

describe('a body that a policy replaces', () => {
  async function post(chunked: boolean) {
    const replaced = JSON.stringify({ card: `pce1.${'x'.repeat(70_000)}` })
    const app = express()
    app.use((request, _response, next) => {
      const length = request.headers['content-length']
      const body = new EmbeddedBody(request, length === undefined ? null : Number(length), () => {})
      body.collect(1024).then(() => {
        body.replace(Buffer.from(replaced))
        next()
      })
    })
    app.use(express.json({ limit: '1mb' }))
    app.use((request, response) => void response.json({ same: JSON.stringify(request.body) === replaced }))
    const server = createServer(app)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    try {
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: chunked ? new Blob(['{"card":"4111"}']).stream() : '{"card":"4111"}',
        ...(chunked && { duplex: 'half' }),
      } as RequestInit)
      return await response.json()
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }

  test('is the one that express.json() reads, with its length', async () => {
    assert.deepEqual(await post(false), { same: true })
    assert.deepEqual(await post(true), { same: true })
  })
})
