import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestCall } from '../../../test/support/upstream-caller.ts'
import { serve, upstreamTo } from '../../../test/support/upstream-fixtures.ts'

const size = 300 * 1024 * 1024
/** What both ends in this one process may come to hold, with the garbage of the moment. */
const maxGrowthBytes = 96 * 1024 * 1024

/** Calls `onSample` with the memory that is held outside of the heap, while something runs. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
  }, 5)
  await work()
  clearInterval(timer)
  return peak
}

describe('300 MiB in bounded memory', () => {
  for (const framing of ['counted', 'chunked'] as const) {
    it(`from the client, ${framing}, to a target that takes breaks`, async (t) => {
      let received = 0
      const url = await serve(t, (request, response) => {
        request.on('data', (chunk: Buffer) => {
          const before = received
          received += chunk.length
          if (before >> 24 === received >> 24) return
          request.pause()
          setTimeout(() => request.resume(), 2)
        })
        request.on('end', () => response.end('done'))
      })
      const upstream = upstreamTo(t, url)
      const chunk = Buffer.alloc(64 * 1024)
      let written = 0
      const feed = ({ call }: TestCall) => {
        while (written < size) {
          written += chunk.length
          if (!call.write(chunk)) return
        }
        call.end(null)
      }
      const body = { length: framing === 'counted' ? size : null }
      const call = new TestCall(upstream, { method: 'POST', body }, { onWritable: feed })
      const peak = await peakOf(() => {
        feed(call)
        return call.done
      })
      assert.equal(call.body, 'done')
      assert.equal(received, size)
      assert.ok(peak < maxGrowthBytes, `${peak >> 20} MiB`)
    })

    it(`from the target, ${framing}, to a client that takes breaks`, async (t) => {
      const chunk = Buffer.alloc(64 * 1024, 'x')
      const url = await serve(t, (_request, response) => {
        let sent = 0
        if (framing === 'counted') response.setHeader('content-length', size)
        const feed = () => {
          while (sent < size) {
            sent += chunk.length
            if (!response.write(chunk)) {
              response.once('drain', feed)
              return
            }
          }
          response.end()
        }
        feed()
      })
      const upstream = upstreamTo(t, url)
      const call = new TestCall(
        upstream,
        {},
        {
          collect: false,
          onData: (part, { bytes, call }) => {
            if (bytes >> 24 === (bytes - part.length) >> 24) return true
            setTimeout(() => call.resume(), 2)
            return false
          },
        },
      )
      const peak = await peakOf(() => call.done)
      assert.equal(call.fault, null)
      assert.equal(call.bytes, size)
      assert.ok(peak < maxGrowthBytes, `${peak >> 20} MiB`)
    })
  }
})
