import assert from 'node:assert/strict'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { next, refuse, reply } from '../../src/core/decision.ts'
import type { Hooks } from '../../src/core/policy.ts'
import { eventually } from '../support/eventually.ts'
import { applyPolicy, fakePolicy } from '../support/fake-policy.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { exchangeRaw, openSocket, statusesOf } from '../support/raw-http.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'
import { startUpstreamServer, type TestUpstreamServer } from '../support/upstream-server.ts'

/** What the policy `test` does in the test that runs. */
let hooks: Hooks = {}
let doneCalls = 0

const late = <T>(value: T, ms = 30): Promise<T> => sleep(ms, value)

/** Calls whatever hooks the test has set; which hooks exist is fixed when a route is compiled. */
const streaming = fakePolicy('streaming', () => ({
  guard: (exchange) => hooks.guard?.(exchange) ?? next,
  respond: (exchange, answer) => hooks.respond?.(exchange, answer) ?? next,
  done: (exchange, outcome) => {
    doneCalls++
    hooks.done?.(exchange, outcome)
  },
}))
const buffering = fakePolicy('buffering', () => ({
  requestBody: 'buffer',
  responseBody: 'buffer',
  body: (exchange, body) => hooks.body?.(exchange, body) ?? next,
  validate: (exchange) => hooks.validate?.(exchange) ?? next,
  respond: (exchange, answer) => hooks.respond?.(exchange, answer) ?? next,
  done: () => {
    doneCalls++
  },
}))
const answering = fakePolicy('answering', () => ({
  endpoints: { own: (exchange) => (hooks.endpoints?.own ?? (() => reply(204)))(exchange) },
}))

let upstream: TestUpstreamServer
let gateway: TestGateway

before(async () => {
  upstream = await startUpstreamServer()
  gateway = await startTestGateway(
    testSnapshot({
      upstreams: { test: testUpstream([upstream.url]) },
      routes: [
        testRoute('/stream/**', { policies: [applyPolicy('streaming')] }),
        testRoute('/buffer/**', { policies: [applyPolicy('buffering')] }),
        testRoute('/own', {
          policies: [applyPolicy('streaming'), applyPolicy('answering')],
          forward: { kind: 'endpoint', policy: 'answering', endpoint: 'own' },
        }),
      ],
    }),
    { policies: [streaming, buffering, answering] },
  )
})
after(async () => {
  await gateway.stop()
  await upstream.close()
})
beforeEach(() => {
  hooks = {}
  doneCalls = 0
  upstream.seen.length = 0
  gateway.records.length = 0
})

async function endedOnce(count = 1): Promise<void> {
  await eventually(`${count} exchanges end`, () => gateway.records.length >= count)
  await sleep(30)
  assert.equal(gateway.records.length, count)
  assert.equal(doneCalls, count)
}

test('asynchronous hooks in every stage let an answer pass whole', async () => {
  hooks = {
    guard: () => late(next),
    respond: async (_exchange, answer) => {
      await sleep(50)
      answer.headers.set('x-late', '1')
      return next
    },
  }
  const body = 'x'.repeat(300_000)
  const response = await fetch(`${gateway.url}/stream/echo`, { method: 'POST', body })
  assert.equal(response.headers.get('x-late'), '1')
  assert.equal(((await response.json()) as { bytes: number }).bytes, body.length)
  await endedOnce()
})

test('a respond hook that refuses late replaces the answer, whose text never leaves', async () => {
  hooks = { respond: () => late(refuse('policy_fault', 'no')) }
  const response = await fetch(`${gateway.url}/stream/secret`)
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /secret/)
  await endedOnce()
})

test('a client that leaves while a hook decides ends the exchange once', async () => {
  for (const [name, set] of [
    ['guard', { guard: () => late(next, 150) }],
    ['respond', { respond: () => late(next, 150) }],
  ] as const) {
    hooks = set
    gateway.records.length = 0
    doneCalls = 0
    const socket = await openSocket(gateway.port)
    socket.write('GET /stream/x HTTP/1.1\r\nHost: a\r\n\r\n')
    await sleep(60)
    // One that only ends its side may still be reading.
    socket.resetAndDestroy()
    await endedOnce()
    await sleep(200)
    await endedOnce()
    assert.equal(gateway.records[0]?.outcome.aborted, true, name)
  }
})

test('the body was checked whole before the upstream gets the same bytes', async () => {
  let seen = ''
  hooks = {
    body: (_exchange, body) => {
      seen = Buffer.from(body).toString()
      return late(seen.includes('attack') ? refuse('malformed_request') : next)
    },
  }
  const refused = await fetch(`${gateway.url}/buffer/x`, { method: 'POST', body: 'an attack' })
  assert.equal(refused.status, 400)
  assert.equal(upstream.seen.length, 0)
  const passed = await fetch(`${gateway.url}/buffer/x`, { method: 'POST', body: 'honest' })
  assert.equal(passed.status, 200)
  assert.equal(seen, 'honest')
  assert.equal(upstream.seen[0]?.body.toString(), 'honest')
  await endedOnce(2)
})

test('a body too large to be held is refused, declared or not', async () => {
  const big = Buffer.alloc(1024 * 1024 + 1)
  const declared = await fetch(`${gateway.url}/buffer/x`, { method: 'POST', body: big }).catch(() => null)
  if (declared !== null) assert.equal(declared.status, 413)
  const chunked = Buffer.concat([
    Buffer.from(
      `POST /buffer/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${big.length.toString(16)}\r\n`,
    ),
    big,
  ])
  assert.deepEqual(statusesOf(await exchangeRaw(gateway.port, chunked, 3_000)), [413])
  assert.equal(upstream.seen.length, 0)
})

test('an answer that a policy reads whole is at hand in respond, and can be rewritten', async () => {
  hooks = {
    respond: async (_exchange, answer) => {
      await sleep(20)
      if (answer.body === null) return next
      const text = Buffer.from(answer.body as Uint8Array).toString()
      answer.body = text.replace('"GET"', '"MASKED"')
      return next
    },
  }
  const response = await fetch(`${gateway.url}/buffer/x`)
  assert.equal(((await response.json()) as { method: string }).method, 'MASKED')
  const head = await exchangeRaw(gateway.port, 'HEAD /buffer/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match(head, /^HTTP\/1\.1 200/)
  assert.ok(head.endsWith('\r\n\r\n'))
})

test('an inspector sees every chunk in order, and pauses the body while it decides', async () => {
  for (const pauseMs of [0, 1]) {
    const seen: number[] = []
    let running = 0
    hooks = {
      guard: (exchange) => {
        exchange.body.inspect((chunk) => {
          assert.equal(running, 0, 'two inspections at once')
          seen.push(chunk === null ? -1 : chunk.length)
          if (pauseMs === 0) return next
          running++
          return sleep(pauseMs).then(() => {
            running--
            return next
          })
        })
        return next
      },
    }
    const body = Buffer.alloc(500_000, 'y')
    const response = await fetch(`${gateway.url}/stream/x`, { method: 'POST', body })
    assert.equal(((await response.json()) as { bytes: number }).bytes, body.length)
    assert.equal(seen.at(-1), -1)
    assert.equal(
      seen.slice(0, -1).reduce((sum, bytes) => sum + bytes, 0),
      body.length,
    )
  }
})

test('the end of a body waits for the inspector of its last chunk', async () => {
  hooks = {
    guard: async (exchange) => {
      exchange.body.inspect((chunk) => (chunk === null ? next : late(next, 40)))
      // The whole body has arrived before anybody reads it.
      await sleep(60)
      return next
    },
  }
  for (const framing of [
    'Content-Length: 10\r\n\r\n0123456789',
    'Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n',
  ]) {
    const text = await exchangeRaw(
      gateway.port,
      `POST /stream/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${framing}`,
    )
    assert.match(text, /"bytes":10\}/)
  }
})

test('an inspector that refuses mid-stream ends the upload with a problem, and the upstream never sees its end', async () => {
  for (const when of ['now', 'late'] as const) {
    let bytes = 0
    hooks = {
      guard: (exchange) => {
        exchange.body.inspect((chunk) => {
          bytes += chunk?.length ?? 0
          const decision = bytes > 200_000 ? refuse('malformed_request', 'found') : next
          return when === 'now' ? decision : Promise.resolve(decision)
        })
        return next
      },
    }
    const socket = await openSocket(gateway.port)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write('POST /stream/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n')
    const pump = setInterval(() => socket.writable && socket.write(Buffer.alloc(64 * 1024)), 2)
    await closed
    clearInterval(pump)
    assert.deepEqual(statusesOf(text), [400], text)
    assert.equal(upstream.seen.length, 0)
  }
  await endedOnce(2)
})

test('a hook, inspector or transform that throws ends its own exchange and nothing else', async () => {
  const fault = () => {
    throw new Error('a bug')
  }
  hooks = { guard: fault }
  assert.equal((await fetch(`${gateway.url}/stream/x`)).status, 500)
  hooks = { respond: fault }
  assert.equal((await fetch(`${gateway.url}/stream/x`)).status, 500)
  hooks = {
    guard: (exchange) => {
      exchange.body.inspect(fault)
      return next
    },
  }
  assert.equal((await fetch(`${gateway.url}/stream/x`, { method: 'POST', body: 'abc' })).status, 500)
  hooks = {
    respond: (_exchange, answer) => {
      answer.transform(fault)
      return next
    },
  }
  const text = await exchangeRaw(gateway.port, 'GET /stream/x HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, 'looks complete')
  hooks = { done: fault }
  assert.equal((await fetch(`${gateway.url}/stream/x`)).status, 200)
  await endedOnce(5)
})

test('transforms rewrite a streamed answer to its end', async () => {
  hooks = {
    respond: (_exchange, answer) => {
      answer.transform((chunk) =>
        chunk === null ? Buffer.from('!') : Buffer.from(Buffer.from(chunk).toString().toUpperCase()),
      )
      answer.transform((chunk) => (chunk === null ? Buffer.from('?') : chunk))
      return next
    },
  }
  const response = await fetch(`${gateway.url}/stream/abc`)
  assert.equal(response.headers.get('content-length'), null)
  const body = await response.text()
  assert.match(body, /\/STREAM\/ABC/)
  assert.ok(body.endsWith('}!?'), body)
})

test('watchers see an answer as it leaves, and its declared length stays', async () => {
  const seen: string[] = []
  let ends = 0
  const watch: NonNullable<Hooks['respond']> = (_exchange, answer) => {
    answer.watch((chunk) => {
      if (chunk === null) ends++
      else seen.push(Buffer.from(chunk).toString())
    })
    return next
  }
  for (const path of ['/stream/abc', '/buffer/abc']) {
    seen.length = 0
    ends = 0
    hooks = { respond: watch }
    const response = await fetch(`${gateway.url}${path}`)
    const body = await response.text()
    assert.equal(response.headers.get('content-length'), String(body.length))
    assert.deepEqual([seen.join(''), ends], [body, 1], path)
  }

  seen.length = 0
  ends = 0
  hooks = {
    respond: (exchange, answer) => {
      watch(exchange, answer)
      answer.transform((chunk) => (chunk === null ? Buffer.from('!') : chunk))
      return next
    },
  }
  const transformed = await (await fetch(`${gateway.url}/stream/abc`)).text()
  assert.deepEqual([seen.join(''), ends], [transformed, 1], 'behind the transforms')

  seen.length = 0
  ends = 0
  hooks = { respond: watch }
  await fetch(`${gateway.url}/stream/abc`, { method: 'HEAD' })
  await fetch(`${gateway.url}/buffer/abc`, { method: 'HEAD' })
  assert.deepEqual(seen, [], 'HEAD has no body')
})

test('a watcher that throws harms no answer, and is noted', async () => {
  hooks = {
    respond: (_exchange, answer) => {
      answer.watch(() => {
        throw new Error('a bug')
      })
      return next
    },
  }
  for (const path of ['/stream/abc', '/buffer/abc']) {
    const response = await fetch(`${gateway.url}${path}`)
    assert.equal(response.status, 200)
    assert.ok(await response.json())
  }
  await endedOnce(2)
  assert.match(String(gateway.records[0]?.exchange.fault), /a bug/)
})

test('an endpoint may answer late, refuse, throw or return nonsense', async () => {
  const outcomes: [NonNullable<Hooks['endpoints']>[string], number][] = [
    [() => late(reply(200, [['x-own', '1']], 'own')), 200],
    [() => refuse('no_route'), 404],
    [() => late(refuse('no_route')), 404],
    [
      () => {
        throw new Error('a bug')
      },
      500,
    ],
    [() => late(undefined as never), 500],
    [() => undefined as never, 500],
    [() => Promise.reject(new Error('a bug')), 500],
  ]
  for (const [own, status] of outcomes) {
    hooks = { endpoints: { own } }
    const response = await fetch(`${gateway.url}/own`)
    assert.equal(response.status, status)
    await response.text()
  }
  await endedOnce(outcomes.length)
})

test('a refusal with fields that cannot be sent closes the connection, not the gateway', async () => {
  hooks = { guard: () => refuse('no_route', undefined, { headers: [['x-bad', 'a\r\nb']] }) }
  const text = await exchangeRaw(gateway.port, 'GET /stream/x HTTP/1.1\r\nHost: a\r\n\r\n', 300)
  assert.equal(text, '')
  hooks = {}
  assert.equal((await fetch(`${gateway.url}/stream/x`)).status, 200)
  await endedOnce(2)
})

test('a hook that refuses a switch of protocols closes the upstream side as well', async () => {
  const sockets: Socket[] = []
  const raw = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    )
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  const { port } = raw.address() as { port: number }
  const own = await startTestGateway(
    testSnapshot({
      upstreams: { test: testUpstream([`http://127.0.0.1:${port}`]) },
      routes: [testRoute('/**', { policies: [applyPolicy('streaming')] })],
    }),
    { policies: [streaming] },
  )
  const handshake =
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  try {
    hooks = { respond: (_exchange, answer) => late(answer.status === 101 ? refuse('no_route') : next) }
    assert.match(await exchangeRaw(own.port, handshake, 300), /^HTTP\/1\.1 404/)
    await eventually('the upstream side closes', () => sockets.every((socket) => socket.destroyed))
    // The client leaves, and the upstream resets, while the hook decides.
    hooks = { respond: () => late(next, 100) }
    const client = connectTcp(own.port, '127.0.0.1')
    client.write(handshake)
    await sleep(50)
    sockets.at(-1)?.resetAndDestroy()
    client.destroy()
    await sleep(150)
    await eventually('both are recorded', () => own.records.length === 2)
  } finally {
    await own.stop()
    for (const socket of sockets) socket.destroy()
    raw.close()
  }
})
