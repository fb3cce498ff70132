import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { TestCall, until } from '../../../test/support/upstream-caller.ts'
import { serveRaw, upstreamTo } from '../../../test/support/upstream-fixtures.ts'

/** What a target may do with a request; each answer carries the request's own mark. */
const behaviours: Record<string, (socket: Socket, mark: string) => void> = {
  answer: (socket, mark) => socket.write(counted(mark)),
  chunks: (socket, mark) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (const character of mark) socket.write(`1\r\n${character}\r\n`)
    socket.write('0\r\n\r\n')
  },
  later: (socket, mark) => setTimeout(() => socket.write(counted(mark)), 5),
  pieces: (socket, mark) => {
    const text = counted(mark)
    socket.write(text.slice(0, 20))
    setTimeout(() => socket.write(text.slice(20)), 3)
  },
  long: (socket, mark) => socket.write(counted(mark + 'x'.repeat(300_000))),
  closing: (socket, mark) => socket.end(counted(mark).replace('Content', 'Connection: close\r\nContent')),
  leaving: (socket, mark) => {
    socket.write(counted(mark))
    setTimeout(() => socket.destroy(), 1)
  },
  stray: (socket, mark) => socket.write(`${counted(mark)}${counted('stray')}`),
  reset: (socket) => socket.resetAndDestroy(),
  half: (socket, mark) => socket.end(counted(mark).slice(0, -1)),
  garbage: (socket) => socket.end('nonsense\r\n\r\n'),
  silence: () => {},
}

function counted(mark: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${mark.length}\r\n\r\n${mark}`
}

const plan = fc.array(
  fc.record({
    behaviour: fc.constantFrom(...Object.keys(behaviours)),
    body: fc.constantFrom('none', 'whole', 'streamed', 'unfinished'),
    client: fc.constantFrom('a', 'b', 'c'),
    abortAfterMs: fc.option(fc.nat({ max: 8 }), { freq: 4 }),
    pauses: fc.boolean(),
    waitMs: fc.option(fc.nat({ max: 3 }), { freq: 2 }),
  }),
  { minLength: 20, maxLength: 60 },
)

describe('in disorder', () => {
  it('no answer goes to another request, every call ends once, and nothing is left behind', async (t) => {
    const server = await serveRaw(t, (socket, text) => {
      const [, behaviour, mark] = /^\w+ \/(\w+)\/(\S+) /.exec(text) ?? []
      if (behaviour !== undefined) behaviours[behaviour]?.(socket, mark as string)
    })
    const maxConnections = 4
    let mostOpen = 0
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const options = {
          maxConnections,
          maxQueued: 16,
          firstByteTimeoutMs: 50,
          idleTimeoutMs: 50,
          connectTimeoutMs: 60,
        }
        const upstream = upstreamTo(t, server.url, options)
        const aborted = new Set<TestCall>()
        const calls: { call: TestCall; mark: string }[] = []
        for (const [i, { behaviour, body, client, abortAfterMs, pauses, waitMs }] of steps.entries()) {
          const mark = `mark-${i}-`
          const whole = body === 'whole' ? Buffer.from('body') : body === 'none' ? body : { length: 4 }
          const call = new TestCall(
            upstream,
            {
              method: body === 'none' ? 'GET' : 'PUT',
              target: `/${behaviour}/${mark}`,
              body: whole,
              clientKey: client,
            },
            {
              onData: (_chunk, { call }) => {
                if (pauses) setTimeout(() => call.resume(), 2)
                return !pauses
              },
            },
          )
          calls.push({ call, mark })
          if (body === 'streamed' || body === 'unfinished') call.call.write(Buffer.from('bo'))
          if (body === 'streamed') {
            call.call.write(Buffer.from('dy'))
            call.call.end(null)
          }
          const abort = () => {
            if (call.ends === 0) aborted.add(call)
            call.call.abort()
          }
          if (abortAfterMs !== null) setTimeout(abort, abortAfterMs)
          else if (body === 'unfinished') setTimeout(abort, 20)
          if (waitMs !== null) await new Promise((resolve) => setTimeout(resolve, waitMs))
          mostOpen = Math.max(mostOpen, server.open.size)
        }
        await until(() => calls.every(({ call }) => call.ends === 1 || aborted.has(call)), 'every call ends', 5000)
        for (const { call, mark } of calls) {
          assert.equal(call.ends, aborted.has(call) ? 0 : 1)
          if (call.bytes > 0) assert.ok(mark.startsWith(call.body.slice(0, mark.length)), `${mark} got ${call.body}`)
        }
        // An aborted call leaves the connection that was being opened for it to others.
        await until(() => {
          const { active, queued, slow } = upstream.status()[0] ?? {}
          return active === 0 && queued === 0 && slow === 0
        }, 'nothing counts any more')
        await upstream.close()
        assert.equal(upstream.status()[0]?.idle, 0)
      }),
      { numRuns: 25 },
    )
    await until(() => server.open.size === 0, 'no connection is left')
    assert.ok(mostOpen <= 2 * maxConnections + 2, `${mostOpen} connections were open`)
  })
})
