import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireService } from '../../test/support/services.ts'
import { createTokenFiles } from '../load/tokens.ts'
import { parseWrkOutput, runWrk } from './wrk.ts'

test('reads the line that the script writes', () => {
  const line = '{"requests":3,"seconds":1.5,"p50Ms":1,"p99Ms":2,"connect":0,"read":1,"write":0,"timeout":0,"status":2}'
  assert.equal(parseWrkOutput(`Running 1s test\nresult ${line}\n`).status, 2)
  assert.throws(() => parseWrkOutput('unable to connect'), /unable to connect/)
})

test('tokens that repeat are taken in turn, fresh ones are sent once each', async (t) => {
  if (requireService(t, 'wrk') === undefined) return
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-test-'))
  const seen = new Map<string, number>()
  const server = createServer((request, response) => {
    const token = request.headers.authorization ?? 'none'
    seen.set(token, (seen.get(token) ?? 0) + 1)
    // So slow that the tokens of a second last.
    setTimeout(() => response.end('{}'), 20)
  }).listen(0, '127.0.0.1')
  t.after(async () => {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true })
  })
  const tokens = await createTokenFiles(folder)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders/7`
  const options = { url, seconds: 1, connections: 8, cores: null }

  const repeated = await runWrk({ ...options, tokens: tokens.repeating })
  assert.ok(repeated.requests > 150, `${repeated.requests} requests`)
  assert.equal(seen.size, 100)
  assert.ok(repeated.rounds >= 1)
  assert.ok(seen.has(`Bearer ${tokens.sample}`))

  seen.clear()
  const fresh = await tokens.mintFresh(1_200)
  const once = await runWrk({ ...options, tokens: fresh.range(200, 1_000) })
  assert.equal(once.rounds, 0)
  assert.deepEqual([...new Set(seen.values())], [1])
  assert.ok(seen.size >= once.requests)
  assert.throws(() => fresh.range(1_000, 201), RangeError)
  await assert.rejects(runWrk({ ...options, tokens: fresh.range(0, 50) }), /50 tokens were too few/)
})
