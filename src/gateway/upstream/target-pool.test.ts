import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it, type TestContext } from 'node:test'
import { startRawServer } from '../../../test/support/raw-server.ts'
import { TestCall, until } from '../../../test/support/upstream-caller.ts'
import { serve, serveRaw, upstreamTo } from '../../../test/support/upstream-fixtures.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A server that keeps every request waiting until it is let go. */
async function serveHeld(t: TestContext): Promise<{ url: string; held: ServerResponse[]; urls: string[] }> {
  const held: ServerResponse[] = []
  const urls: string[] = []
  const url = await serve(t, (request, response) => {
    urls.push(request.url ?? '')
    held.push(response)
  })
  return { url, held, urls }
}

describe('the pool', () => {
  it('opens no more connections than allowed, and serves who waits in order', async (t) => {
    const { url, held, urls } = await serveHeld(t)
    const upstream = upstreamTo(t, url, { maxConnections: 2 })
    const calls = Array.from({ length: 5 }, (_, i) => new TestCall(upstream, { target: `/${i}` }))
    await until(() => held.length === 2, 'two requests')
    assert.deepEqual(upstream.status()[0], {
      target: new URL(url).host,
      healthy: true,
      circuit: 'closed',
      active: 2,
      idle: 0,
      queued: 3,
      slow: 0,
    })
    for (let i = 0; i < 5; i++) {
      await until(() => held.length > i, `request ${i}`)
      held[i]?.end()
    }
    for (const call of calls) assert.equal((await call.done).status, 200)
    assert.deepEqual(urls, ['/0', '/1', '/2', '/3', '/4'])
    assert.equal(upstream.status()[0]?.idle, 2)
  })

  it('refuses what the queue cannot hold, after dispatch has returned', async (t) => {
    const { url } = await serveHeld(t)
    const upstream = upstreamTo(t, url, { maxConnections: 1, maxQueued: 2 })
    const calls = Array.from({ length: 4 }, () => new TestCall(upstream))
    const refused = calls[3] as TestCall
    assert.equal(refused.fault, null)
    assert.equal((await refused.done).fault?.code, 'upstream_overloaded')
    for (const call of calls.slice(0, 3)) call.call.abort()
  })

  it('lets nobody wait for longer than the connect timeout', async (t) => {
    const { url } = await serveHeld(t)
    const upstream = upstreamTo(t, url, { maxConnections: 1, connectTimeoutMs: 100 })
    const first = new TestCall(upstream)
    const second = await new TestCall(upstream).done
    assert.equal(second.fault?.code, 'upstream_overloaded')
    assert.match(second.fault?.detail ?? '', /no connection was free for 100 ms/)
    first.call.abort()
  })

  it('uses the last used connection first', async (t) => {
    let used: string[] = []
    const server = await serveRaw(t, (socket) => {
      used.push(String(socket.remotePort))
      setTimeout(() => socket.write(ok), 10)
    })
    const upstream = upstreamTo(t, server.url)
    await Promise.all([1, 2, 3].map(() => new TestCall(upstream).done))
    assert.equal(new Set(used).size, 3)
    used = []
    for (let i = 0; i < 4; i++) await new TestCall(upstream).done
    assert.equal(new Set(used).size, 1)
  })

  it('gives idle connections up before the target does', async (t) => {
    const answer = 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'
    const server = await serveRaw(t, (socket, text) =>
      socket.write(text.startsWith('GET /long') ? answer.replace('=1', '=2') : answer),
    )
    const upstream = upstreamTo(t, server.url, { idleTimeoutMs: 100 })
    await new TestCall(upstream).done
    assert.equal(upstream.status()[0]?.idle, 0, 'within a second it may close at any time')
    await new TestCall(upstream, { target: '/long' }).done
    assert.equal(upstream.status()[0]?.idle, 1)
    await new Promise((resolve) => setTimeout(resolve, 700))
    assert.equal(upstream.status()[0]?.idle, 1)
    await until(() => upstream.status()[0]?.idle === 0, 'the idle connection closed', 1000)
  })

  it('makes room among idle connections for an upgrade, and serves who waits behind one', async (t) => {
    const server = await serveRaw(t, (socket) => socket.write(ok))
    const upstream = upstreamTo(t, server.url, { maxConnections: 2 })
    await Promise.all([1, 2].map(() => new TestCall(upstream).done))
    const calls = [{ upgrade: 'websocket' }, {}, { upgrade: 'websocket' }, { upgrade: 'websocket' }, {}].map(
      (request) => new TestCall(upstream, request),
    )
    for (const call of calls) assert.equal((await call.done).body, 'ok')
    assert.ok(server.open.size <= 2, `${server.open.size} connections are open`)
  })
})

describe('a request that met a connection which was being closed', () => {
  /** Closes each connection when the second request comes, without an answer. */
  const closing = (t: TestContext) =>
    serveRaw(t, (socket, _text, turn) => {
      if (turn === 0) socket.write(ok)
      else socket.destroy()
    })

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
    it(`is repeated once on a fresh connection: ${method}`, async (t) => {
      const server = await closing(t)
      const upstream = upstreamTo(t, server.url)
      await Promise.all([1, 2].map(() => new TestCall(upstream).done))
      const body = method === 'PUT' ? Buffer.from('x') : 'none'
      const call = await new TestCall(upstream, { method, body }).done
      assert.equal(call.fault, null)
      assert.equal(call.status, 200)
      assert.equal(server.connections, 3, 'not on the other old one')
    })
  }

  for (const request of [
    { method: 'POST', body: Buffer.from('x') },
    { method: 'PATCH', body: Buffer.from('x') },
    { method: 'PUT', body: { length: 1 } },
  ]) {
    it(`is not repeated: ${request.method} ${Buffer.isBuffer(request.body) ? '' : 'streamed'}`, async (t) => {
      const server = await closing(t)
      const upstream = upstreamTo(t, server.url)
      await new TestCall(upstream).done
      const call = new TestCall(upstream, request)
      call.call.write(Buffer.from('x'))
      call.call.end(null)
      assert.equal((await call.done).fault?.code, 'upstream_reset')
      assert.equal(server.connections, 1)
    })
  }

  it('is not repeated where a byte of the answer came', async (t) => {
    const server = await serveRaw(t, (socket, _text, turn) => (turn === 0 ? socket.write(ok) : socket.end('H')))
    const upstream = upstreamTo(t, server.url)
    await new TestCall(upstream).done
    assert.equal((await new TestCall(upstream).done).fault?.code, 'upstream_reset')
  })

  it('is not repeated on a connection that was fresh', async (t) => {
    const server = await serveRaw(t, (socket) => socket.destroy())
    assert.equal((await new TestCall(upstreamTo(t, server.url)).done).fault?.code, 'upstream_reset')
    assert.equal(server.connections, 1)
  })

  it('is repeated only once', async (t) => {
    let turns = 0
    const server = await serveRaw(t, (socket) => (turns++ === 0 ? socket.write(ok) : socket.destroy()))
    const upstream = upstreamTo(t, server.url)
    await new TestCall(upstream).done
    assert.equal((await new TestCall(upstream).done).fault?.code, 'upstream_reset')
    assert.equal(turns, 3)
  })
})

describe('several targets', () => {
  const named = (t: TestContext, name: string) => serve(t, (_request, response) => response.end(name))

  it('take turns', async (t) => {
    const upstream = upstreamTo(t, [await named(t, 'a'), await named(t, 'b'), await named(t, 'c')])
    const order: string[] = []
    for (let i = 0; i < 6; i++) order.push((await new TestCall(upstream).done).body)
    assert.deepEqual(order, ['a', 'b', 'c', 'a', 'b', 'c'])
  })

  it('stand in for one that cannot be reached, within the number of retries', async (t) => {
    const gone = await startRawServer(() => {})
    await gone.close()
    const here = await named(t, 'here')
    const upstream = upstreamTo(t, [gone.url, here], { retries: 1 })
    const uploads = Array.from({ length: 4 }, () => new TestCall(upstream, { method: 'POST', body: { length: 3 } }))
    for (const { call } of uploads) {
      call.write(Buffer.from('abc'))
      call.end(null)
    }
    // Nothing of them was written, so even those may go elsewhere.
    for (const call of uploads) assert.equal((await call.done).body, 'here')
    for (let i = 0; i < 4; i++) assert.equal((await new TestCall(upstream).done).body, 'here')
    const never = upstreamTo(t, [gone.url, here], { retries: 0 })
    assert.equal((await new TestCall(never).done).fault?.code, 'upstream_refused')
  })

  it('do not get a request that another one may have acted on', async (t) => {
    const reset = await serveRaw(t, (socket) => socket.destroy())
    const upstream = upstreamTo(t, [reset.url, await named(t, 'b')], { retries: 3 })
    assert.equal((await new TestCall(upstream).done).fault?.code, 'upstream_reset')
  })

  it('take over what one has no room for', async (t) => {
    const { url, held } = await serveHeld(t)
    const upstream = upstreamTo(t, [url, await named(t, 'b')], { maxConnections: 1 })
    const first = new TestCall(upstream)
    await until(() => held.length === 1, 'the first request')
    for (let i = 0; i < 4; i++) assert.equal((await new TestCall(upstream).done).body, 'b')
    first.call.abort()
  })
})
