import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { describe, it } from 'node:test'
import { startRawServer } from '../../../test/support/raw-server.ts'
import { TestCall, until } from '../../../test/support/upstream-caller.ts'
import { serve, serveRaw, upstreamTo } from '../../../test/support/upstream-fixtures.ts'
import type { PolicyLog } from '../../core/telemetry.ts'

const breaker = { failures: 3, openMs: 200 }

function recordingLog(): { log: PolicyLog; events: { event: string; [field: string]: unknown }[] } {
  const events: { event: string }[] = []
  const take = (event: string, fields?: object) => {
    events.push({ event, ...fields })
  }
  return { log: { info: take, warn: take, error: take }, events }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('the circuit of a target', () => {
  it('opens after failures in a row, fails at once while open, and closes after a good trial', async (t) => {
    let status = 503
    let requests = 0
    const url = await serve(t, (_request, response) => {
      requests += 1
      response.statusCode = status
      response.end()
    })
    const { log, events } = recordingLog()
    const upstream = upstreamTo(t, url, { breaker }, { log })
    for (let i = 0; i < 3; i++) assert.equal((await new TestCall(upstream).done).status, 503)
    assert.equal(upstream.status()[0]?.circuit, 'open')
    const refused = await new TestCall(upstream).done
    assert.equal(refused.fault?.code, 'upstream_unavailable')
    assert.equal(requests, 3)

    await pause(600)
    // The trial fails: open again, for as long.
    assert.equal((await new TestCall(upstream).done).status, 503)
    assert.equal((await new TestCall(upstream).done).fault?.code, 'upstream_unavailable')
    assert.equal(requests, 4)

    status = 200
    await pause(600)
    const [trial, beside] = await Promise.all([new TestCall(upstream).done, new TestCall(upstream).done])
    assert.equal(trial?.status, 200)
    assert.equal(beside?.fault?.code, 'upstream_unavailable', 'one request tries, no more')
    assert.equal((await new TestCall(upstream).done).status, 200)
    assert.equal(upstream.status()[0]?.circuit, 'closed')
    assert.deepEqual(
      events.map(({ event, circuit }) => `${event} ${circuit}`),
      ['open', 'half-open', 'open', 'half-open', 'closed'].map((state) => `upstream_circuit ${state}`),
    )
    assert.equal(events[0]?.reason, 'answered 503')
  })

  it('counts failures in a row only', async (t) => {
    let turn = 0
    const url = await serve(t, (_request, response) => {
      response.statusCode = turn++ % 3 === 2 ? 200 : 502
      response.end()
    })
    const upstream = upstreamTo(t, url, { breaker })
    for (let i = 0; i < 9; i++) await new TestCall(upstream).done
    assert.equal(upstream.status()[0]?.circuit, 'closed')
  })

  it('does not open for answers that blame the request', async (t) => {
    const url = await serve(t, (request, response) => {
      response.statusCode = Number(request.url?.slice(1))
      response.end()
    })
    const upstream = upstreamTo(t, url, { breaker })
    for (const status of [400, 404, 429, 500, 501, 505]) await new TestCall(upstream, { target: `/${status}` }).done
    assert.equal(upstream.status()[0]?.circuit, 'closed')
  })

  it('does not open for clients that break off, and a trial that is broken off leaves room for another', async (t) => {
    let isGood = false
    const server = await serveRaw(t, (socket) => {
      if (isGood) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
    const upstream = upstreamTo(t, server.url, { breaker, firstByteTimeoutMs: 100 })
    for (let i = 0; i < 5; i++) {
      const call = new TestCall(upstream)
      await until(() => server.open.size === 1, 'the connection')
      call.call.abort()
      await until(() => server.open.size === 0, 'its end')
    }
    assert.equal(upstream.status()[0]?.circuit, 'closed')
    await Promise.all([1, 2, 3].map(() => new TestCall(upstream).done))
    assert.equal(upstream.status()[0]?.circuit, 'open')
    await pause(600)
    new TestCall(upstream).call.abort()
    isGood = true
    assert.equal((await new TestCall(upstream).done).status, 200)
  })

  for (const [name, answer] of Object.entries({ reset: '', garbage: 'nonsense\r\n\r\n', silence: null })) {
    it(`opens for ${name}`, async (t) => {
      const server = await serveRaw(t, (socket) => answer !== null && socket.end(answer))
      const upstream = upstreamTo(t, server.url, { breaker, firstByteTimeoutMs: 60 })
      await Promise.all([1, 2, 3].map(() => new TestCall(upstream).done))
      assert.equal(upstream.status()[0]?.circuit, 'open')
    })
  }

  it('opens for a target that cannot be reached, and another one serves on', async (t) => {
    const gone = await startRawServer(() => {})
    await gone.close()
    const url = await serve(t, (_request, response) => response.end('here'))
    const upstream = upstreamTo(t, [gone.url, url], { breaker, retries: 1 })
    for (let i = 0; i < 10; i++) assert.equal((await new TestCall(upstream).done).body, 'here')
    assert.deepEqual(
      upstream.status().map(({ circuit }) => circuit),
      ['open', 'closed'],
    )
    const alone = upstreamTo(t, gone.url, { breaker })
    for (let i = 0; i < 3; i++) assert.equal((await new TestCall(alone).done).fault?.code, 'upstream_refused')
    assert.equal((await new TestCall(alone).done).fault?.code, 'upstream_unavailable')
  })
})

describe('health checks', () => {
  const health = { path: '/health', intervalMs: 30, timeoutMs: 200, healthyAfter: 2, unhealthyAfter: 2 }

  it('take a target out while it is unwell, and in again', async (t) => {
    let status = 200
    const asked: string[] = []
    const url = await serve(t, (request, response) => {
      if (request.url === '/health') {
        asked.push(request.headers.host ?? '')
        response.statusCode = status
        response.end()
      } else response.end('sick')
    })
    const well = await serve(t, (_request, response) => response.end('well'))
    const { log, events } = recordingLog()
    const upstream = upstreamTo(t, [url, well], { health, idleTimeoutMs: 100 }, { log })
    await until(() => asked.length >= 3, 'checks')
    assert.equal(upstream.status()[0]?.healthy, true)
    assert.equal(asked[0], new URL(url).host)
    status = 500
    await until(() => upstream.status()[0]?.healthy === false, 'the verdict')
    for (let i = 0; i < 4; i++) assert.equal((await new TestCall(upstream).done).body, 'well')
    status = 302
    await until(() => upstream.status()[0]?.healthy === true, 'the other verdict')
    const bodies = [await new TestCall(upstream).done, await new TestCall(upstream).done].map(({ body }) => body)
    assert.deepEqual(bodies.sort(), ['sick', 'well'])
    assert.deepEqual(
      events.map(({ event, healthy, reason }) => [event, healthy, reason]),
      [
        ['upstream_health', false, 'answered 500'],
        ['upstream_health', true, 'answered 302'],
      ],
    )
  })

  it('refuse quickly where no target is well', async (t) => {
    const server = await serveRaw(t, () => {})
    const upstream = upstreamTo(t, server.url, { health: { ...health, timeoutMs: 40 }, idleTimeoutMs: 100 })
    await until(() => upstream.status()[0]?.healthy === false, 'the verdict')
    assert.equal((await new TestCall(upstream).done).fault?.code, 'upstream_unavailable')
  })

  it('notice that nobody listens, garbage and a body that does not end', async (t) => {
    const gone = await startRawServer(() => {})
    await gone.close()
    const garbage = await serveRaw(t, (socket) => socket.end('nonsense\r\n\r\n'))
    const endless = await serveRaw(t, (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nand so on'))
    const upstream = upstreamTo(t, [gone.url, garbage.url, endless.url], { health, idleTimeoutMs: 100 })
    await until(() => upstream.status().filter(({ healthy }) => !healthy).length === 2, 'the verdicts')
    assert.deepEqual(
      upstream.status().map(({ healthy }) => healthy),
      [false, false, true],
    )
    await until(() => endless.open.size <= 1, 'its connections closed')
  })

  it('whose path cannot be sent stop the upstream from being made', (t) => {
    const options = { health: { ...health, path: '/a b' } }
    assert.throws(() => upstreamTo(t, 'http://127.0.0.1:1', options), /request target/)
  })

  it('end with the upstream', async (t) => {
    let checks = 0
    const url = await serve(t, (_request, response) => {
      checks += 1
      response.end()
    })
    const upstream = upstreamTo(t, url, { health, idleTimeoutMs: 100 })
    await until(() => checks >= 2, 'checks')
    await upstream.close()
    const before = checks
    await pause(100)
    assert.ok(checks <= before + 1, 'one may have been on its way')
  })
})

describe('names of targets', () => {
  const v4 = (address: string): LookupAddress => ({ address, family: 4 })

  it('are looked up once for many calls, and the host field keeps the name', async (t) => {
    const url = await serve(t, (request, response) => response.end(request.headers.host))
    const { port } = new URL(url)
    const asked: string[] = []
    const lookup = async (name: string) => {
      asked.push(name)
      return [v4('127.0.0.1')]
    }
    const upstream = upstreamTo(t, `http://shop.internal:${port}`, {}, { lookup })
    const calls = await Promise.all(Array.from({ length: 20 }, () => new TestCall(upstream).done))
    for (const { body } of calls) assert.equal(body, `shop.internal:${port}`)
    assert.deepEqual(asked, ['shop.internal'])
  })

  it('that have several addresses: the next one where one cannot be reached', async (t) => {
    const server = await serveRaw(t, (socket) => socket.write('HTTP/1.1 204 No\r\n\r\n'))
    // Nobody listens on the other loopback addresses.
    const lookup = async () => [v4('127.0.0.2'), v4('127.0.0.3'), v4('127.0.0.1')]
    const upstream = upstreamTo(t, `http://shop.internal:${server.port}`, { retries: 0, breaker }, { lookup })
    const calls = await Promise.all(Array.from({ length: 6 }, () => new TestCall(upstream).done))
    for (const { status } of calls) assert.equal(status, 204)
    assert.equal(upstream.status()[0]?.circuit, 'closed')
  })

  it('that nobody knows: upstream_refused, without asking again for each request', async (t) => {
    let asked = 0
    const lookup = async () => {
      asked += 1
      throw Object.assign(new Error('getaddrinfo ENOTFOUND shop.internal'), { code: 'ENOTFOUND' })
    }
    const { log, events } = recordingLog()
    const upstream = upstreamTo(t, 'http://shop.internal', {}, { lookup, log })
    for (let i = 0; i < 20; i++) {
      const { fault } = await new TestCall(upstream).done
      assert.equal(fault?.code, 'upstream_refused')
      assert.match(fault?.detail ?? '', /shop\.internal:80: getaddrinfo ENOTFOUND/)
    }
    assert.equal(asked, 1)
    assert.equal(events[0]?.event, 'upstream_name_unresolved')
  })

  it('that take too long: upstream_timeout', async (t) => {
    const lookup = () => new Promise<LookupAddress[]>(() => {})
    const upstream = upstreamTo(t, 'http://shop.internal', { connectTimeoutMs: 80 }, { lookup })
    const { fault } = await new TestCall(upstream).done
    assert.equal(fault?.code, 'upstream_timeout')
    assert.match(fault?.detail ?? '', /no connection within 80 ms/)
  })

  it('are looked up again as their lifetime ends, and connections to what vanished are given up', async (t) => {
    let addresses = [v4('127.0.0.1')]
    let isDown = false
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'
    const first = await startRawServer((socket, text) => {
      if (text.startsWith('GET /open')) setTimeout(() => socket.write(`${answer}old`), 250)
      else socket.write(`${answer}old`)
    })
    const second = await serveSame(first.port)
    t.after(() => Promise.all([first.close(), second.close()]))
    const lookup = async () => {
      if (isDown) throw new Error('the resolver is down')
      return addresses
    }
    const { log, events } = recordingLog()
    const options = { nameLifetimeMs: 50, idleTimeoutMs: 500 }
    const upstream = upstreamTo(t, `http://shop.internal:${first.port}`, options, { lookup, log })
    const body = async () => (await new TestCall(upstream).done).body
    assert.equal(await body(), 'old')
    isDown = true
    await until(() => events.some(({ event }) => event === 'upstream_name_unresolved'), 'a failed lookup')
    assert.equal(await body(), 'old', 'known addresses stay in use')
    isDown = false
    const open = new TestCall(upstream, { target: '/open' })
    await until(() => first.open.size === 1, 'the open call')
    addresses = [v4('127.0.0.2')]
    await until(() => events.some(({ event }) => event === 'upstream_addresses_changed'), 'the change')
    assert.equal(await body(), 'new')
    assert.equal((await open.done).body, 'old', 'an open call ends as it began')
    await until(() => first.open.size === 0, 'no connection is left')
  })

  it('that are IPv6 addresses stand in brackets', async (t) => {
    const server = await serveRaw(
      t,
      (socket, text) => {
        const host = /host: (.*)\r\n/.exec(text)?.[1] ?? ''
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${host.length}\r\n\r\n${host}`)
      },
      null,
      '::1',
    )
    const call = await new TestCall(upstreamTo(t, server.url)).done
    assert.equal(call.body, `[::1]:${server.port}`)
    assert.equal(call.call.target, `[::1]:${server.port}`)
  })
})

/** Another server on the same port of another loopback address. */
async function serveSame(port: number) {
  return startRawServer(
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew'),
    null,
    '127.0.0.2',
    port,
  )
}
