import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { Pool } from 'undici'
import { TestCall, until } from '../../../test/support/upstream-caller.ts'
import { serve, upstreamTo } from '../../../test/support/upstream-fixtures.ts'
import type { Upstream } from './dispatch.ts'

const maxConnections = 128
const long = Buffer.alloc(4 * 1024 * 1024)

/** Answers `/long` with more than sockets buffer, a body with its length, and everything else at once. */
function serveShop(t: TestContext): Promise<string> {
  return serve(t, (request, response) => {
    if (request.url === '/long') {
      response.end(long)
      return
    }
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => response.end(`took ${bytes}`))
  })
}

/** A client that begins a long body and sends no more of it. */
function sendSlowly(upstream: Upstream, clientKey: string): TestCall {
  const call = new TestCall(upstream, { method: 'POST', body: { length: 1_000_000 }, clientKey })
  call.call.write(Buffer.alloc(70_000))
  return call
}

/** A client that asks for a long answer and does not read it. */
function readSlowly(upstream: Upstream, clientKey: string): TestCall {
  return new TestCall(upstream, { target: '/long', clientKey }, { collect: false, onData: () => false })
}

/** Everyday requests, ten at a time; each has to be answered within the time. */
async function serveHonest(upstream: Upstream, count = 200, limitMs = 1000): Promise<void> {
  const one = async (i: number) => {
    const started = performance.now()
    const upload = i % 10 === 0
    const request = upload ? { method: 'POST', body: { length: 100_000 } } : {}
    const call = new TestCall(upstream, { ...request, clientKey: `honest ${i % 50}` })
    if (upload) {
      call.call.write(Buffer.alloc(100_000))
      call.call.end(null)
    }
    await call.done
    assert.equal(call.fault, null)
    assert.equal(call.body, `took ${upload ? 100_000 : 0}`)
    const tookMs = performance.now() - started
    assert.ok(tookMs < limitMs, `an honest request took ${Math.round(tookMs)} ms`)
  }
  for (let i = 0; i < count; i += 10) await Promise.all(Array.from({ length: 10 }, (_, j) => one(i + j)))
}

describe('the attack', () => {
  it('starves a plain pool of connections with slow readers', async (t) => {
    const pool = new Pool(await serveShop(t), { connections: maxConnections })
    t.after(() => pool.destroy())
    const readers = await Promise.all(
      Array.from({ length: maxConnections }, () => pool.request({ path: '/long', method: 'GET' })),
    )
    for (const { body } of readers) body.on('error', () => {})
    let isServed = false
    pool.request({ path: '/', method: 'GET' }).then(
      () => {
        isServed = true
      },
      () => {},
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.equal(isServed, false, 'the attack is none')
  })
})

describe('honest requests go on', () => {
  for (const [name, keyOf] of [
    ['one client', () => 'attacker'],
    ['many clients', (i: number) => `attacker ${i}`],
  ] as const) {
    it(`beside 500 slow bodies of ${name}`, async (t) => {
      const upstream = upstreamTo(t, await serveShop(t), { maxConnections, maxQueued: 1024, idleTimeoutMs: 20_000 })
      const slow = Array.from({ length: 500 }, (_, i) => sendSlowly(upstream, keyOf(i)))
      await new Promise((resolve) => setTimeout(resolve, 50))
      const status = upstream.status()[0]
      assert.equal(status?.slow, name === 'one client' ? maxConnections / 8 : maxConnections)
      assert.equal(status?.active, 0, 'they hold no connection of the pool')
      // Where all of the allotment is held by many, a long body has to wait until some of them have stood still.
      await serveHonest(upstream, 200, name === 'one client' ? 1000 : 15_000)
      for (const { call } of slow) call.abort()
      await until(() => upstream.status()[0]?.slow === 0, 'all of them gone')
      assert.equal(upstream.status()[0]?.queued, 0)
      await serveHonest(upstream, 50)
    })

    it(`beside 300 slow readers of ${name}`, async (t) => {
      const upstream = upstreamTo(t, await serveShop(t), { maxConnections, maxQueued: 1024, idleTimeoutMs: 120_000 })
      const slow = Array.from({ length: 300 }, (_, i) => readSlowly(upstream, keyOf(i)))
      await until(
        () => slow.filter(({ status }) => status === 200).length >= maxConnections,
        'the first answers',
        10_000,
      )
      await serveHonest(upstream, 200, 3000)
      const { slow: held = 0 } = upstream.status()[0] ?? {}
      assert.ok(held <= (name === 'one client' ? maxConnections / 8 : maxConnections), `${held} are held`)
      const ended = slow.filter(({ fault }) => fault !== null)
      for (const { fault } of ended) assert.equal(fault?.code, 'upstream_overloaded')
      for (const { call } of slow) call.abort()
      await until(() => upstream.status()[0]?.slow === 0, 'all of them gone')
    })
  }

  it('and so do long bodies of others, while one client waits for its own', async (t) => {
    const upstream = upstreamTo(t, await serveShop(t), { maxConnections: 16, idleTimeoutMs: 20_000 })
    const held = [sendSlowly(upstream, 'a'), sendSlowly(upstream, 'a')]
    const waiting = sendSlowly(upstream, 'a')
    const other = new TestCall(upstream, { method: 'POST', body: { length: 3 }, clientKey: 'b' })
    other.call.write(Buffer.from('abc'))
    other.call.end(null)
    assert.equal((await other.done).body, 'took 3')
    assert.equal(upstream.status()[0]?.queued, 1)
    held[0]?.call.abort()
    await until(() => upstream.status()[0]?.queued === 0, 'its turn')
    waiting.call.write(Buffer.alloc(930_000))
    waiting.call.end(null)
    assert.equal((await waiting.done).body, 'took 1000000')
    held[1]?.call.abort()
  })
})

describe('slow transfers', () => {
  it('of one client that nobody waits for are left alone, beyond its share too', async (t) => {
    const upstream = upstreamTo(t, await serveShop(t), { maxConnections: 16 })
    const readers = Array.from({ length: 10 }, () => readSlowly(upstream, 'a'))
    await until(() => readers.every(({ bytes }) => bytes > 0), 'the answers')
    assert.equal(upstream.status()[0]?.slow, 2)
    assert.equal(upstream.status()[0]?.active, 8)
    const timer = setInterval(() => {
      for (const { call } of readers) call.resume()
    })
    for (const reader of readers) {
      await reader.done
      assert.equal(reader.fault, null)
      assert.equal(reader.bytes, long.length)
    }
    clearInterval(timer)
    assert.deepEqual(
      upstream.status().map(({ active, slow }) => ({ active, slow })),
      [{ active: 0, slow: 0 }],
    )
  })

  it('that stood still for longest end first when others need room, and of the client beyond its share', async (t) => {
    const upstream = upstreamTo(t, await serveShop(t), { maxConnections: 8, idleTimeoutMs: 20_000 })
    const patient = readSlowly(upstream, 'b')
    await until(() => upstream.status()[0]?.slow === 1, 'another client')
    const readers: TestCall[] = []
    for (let i = 0; i < 9; i++) {
      const reader = readSlowly(upstream, 'a')
      readers.push(reader)
      await until(() => reader.bytes > 0, `reader ${i}`)
      // The clock that slowness is measured by is coarse.
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    assert.equal(readers.filter(({ fault }) => fault !== null).length, 0)
    assert.equal(upstream.status()[0]?.active, 8)
    assert.equal((await new TestCall(upstream).done).body, 'took 0')
    assert.equal(readers[0]?.fault?.code, 'upstream_overloaded')
    assert.match(readers[0]?.fault?.detail ?? '', /slow/)
    assert.equal(readers.filter(({ fault }) => fault !== null).length, 1)
    assert.equal(patient.fault, null)
    for (const { call } of [patient, ...readers]) call.abort()
  })

  it('do not wait for their share for ever', async (t) => {
    const upstream = upstreamTo(t, await serveShop(t), { maxConnections: 8, idleTimeoutMs: 100 })
    const first = sendSlowly(upstream, 'a')
    const second = await sendSlowly(upstream, 'a').done
    assert.equal(second.fault?.code, 'upstream_overloaded')
    assert.match(second.fault?.detail ?? '', /share of long transfers/)
    first.call.abort()
  })

  it('of one client cannot fill the queue', async (t) => {
    const upstream = upstreamTo(t, await serveShop(t), { maxConnections: 8, maxQueued: 64, idleTimeoutMs: 20_000 })
    const slow = Array.from({ length: 30 }, () => sendSlowly(upstream, 'a'))
    assert.equal(upstream.status()[0]?.queued, 8)
    assert.equal((await (slow.at(-1) as TestCall).done).fault?.code, 'upstream_overloaded')
    for (const { call } of slow) call.abort()
  })
})
