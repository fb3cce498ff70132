import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { createTestCertificate } from '../support/certificate.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import type { TransferOrder, TransferReport } from '../support/large-bodies.ts'
import { testRoute, testSnapshot, testUpstream } from '../support/snapshot.ts'

const mebibyte = 1024 * 1024
/** Another size can be asked for: `LARGE_BODY_MIB=2048`. */
const bodyBytes = Number(process.env.LARGE_BODY_MIB ?? 256) * mebibyte
/** What the process may grow by while it streams; a body that was held would be several times that. */
const maxGrowthBytes = 96 * mebibyte

let peers: ChildProcess
let gateway: TestGateway

before(async () => {
  peers = fork(new URL('../support/large-bodies.ts', import.meta.url))
  const [{ port }] = (await once(peers, 'message')) as [{ port: number }]
  const snapshot = testSnapshot({
    upstreams: { test: testUpstream([`http://127.0.0.1:${port}`]) },
    routes: [testRoute('/**')],
    listen: {
      http: testSnapshot().listen.http,
      https: { host: '127.0.0.1', port: 0, certificates: 'dev', http2: true },
      admin: null,
    },
  })
  const certificates = [{ ...createTestCertificate('localhost'), source: 'test' }]
  gateway = await startTestGateway(snapshot, { certificates })
})
after(async () => {
  peers.disconnect()
  await gateway.stop()
})

async function run(order: Omit<TransferOrder, 'url' | 'bytes'>, bytes: number): Promise<TransferReport> {
  const url = gateway.listeners.find(({ name }) => name === (order.http2 ? 'https' : 'http'))?.url
  peers.send({ ...order, bytes, url: url?.replace('localhost', '127.0.0.1') })
  const [answer] = (await once(peers, 'message')) as [{ report?: TransferReport; error?: string }]
  if (answer.report === undefined) throw new Error(answer.error)
  return answer.report
}

for (const http2 of [false, true]) {
  for (const direction of ['up', 'down'] as const) {
    for (const declared of [true, false]) {
      const name = `${direction} over HTTP/${http2 ? 2 : 1.1}, ${declared ? 'with a length' : 'without one'}`
      test(`${bodyBytes / mebibyte} MiB ${name}: whole, in bounded memory`, async (t) => {
        await run({ direction, http2, declared }, 16 * mebibyte)
        const before = process.memoryUsage.rss()
        let peak = before
        const sampler = setInterval(() => {
          peak = Math.max(peak, process.memoryUsage.rss())
        }, 20)
        const { bytes, intact, ms } = await run({ direction, http2, declared }, bodyBytes)
        clearInterval(sampler)
        const growth = Math.round((peak - before) / mebibyte)
        t.diagnostic(`${Math.round(bodyBytes / mebibyte / (ms / 1000))} MiB/s, memory grew by ${growth} MiB`)
        assert.equal(bytes, bodyBytes)
        assert.ok(intact)
        assert.ok(peak - before < maxGrowthBytes, `${growth} MiB more`)
        assert.equal(gateway.serving.heldBytes, 0)
      })
    }
  }
}
