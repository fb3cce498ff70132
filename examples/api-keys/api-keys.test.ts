import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestSecret } from '../../src/crypto/digest.ts'
import { runCli } from '../../test/support/run-cli.ts'
import { serveGateway } from '../../test/support/served-gateway.ts'
import { startUpstreamServer } from '../../test/support/upstream-server.ts'

test('keys may do on each route what the page says', async () => {
  const upstream = await startUpstreamServer()
  const file = readFileSync(join(import.meta.dirname, 'portcullis.yaml'), 'utf8')
  const gateway = await serveGateway(
    // One thread answers for all routes, so that what one of them remembers of a key would show at another.
    `${file.replace('port: 8080', 'host: 127.0.0.1, port: 0').replace('http://127.0.0.1:3000', upstream.url)}server: { workers: 1 }\n`,
  )
  const keys = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCli(gateway.folder, 'keys', ...args, '--json')
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout)
  }
  const status = async (path: string, key: string) => {
    const response = await fetch(`${gateway.urls[0]}${path}`, { headers: { 'x-api-key': key } })
    await response.arrayBuffer()
    return response.status
  }
  try {
    const live = await keys(
      ...['create', '--owner', 'shop-app', '--role', 'customer', '--environment', 'live', '--rate-limit', '100/min'],
    )
    const trial = await keys('create', '--owner', 'visitor', '--environment', 'test', '--uses', '3')
    const partner = 'sk_live_0123456789abcdef0123456789'
    const line = { hash: digestSecret(partner), owner: 'partner', environment: 'live' }
    writeFileSync(join(gateway.folder, 'keys.jsonl'), JSON.stringify(line))
    assert.deepEqual(await keys('import', 'keys.jsonl'), { added: 1, present: 0 })

    const answers = await Promise.all(Array.from({ length: 140 }, () => status('/orders', live.key)))
    const passed = answers.filter((one) => one === 200).length
    // More comes back meanwhile, one in 600 ms.
    assert.ok(passed >= 100 && passed < 130, `${passed} passed`)
    assert.equal(answers.filter((one) => one === 429).length, 140 - passed)
    assert.equal(await status('/orders', trial.key), 401)
    for (const expected of [200, 200, 200, 401]) assert.equal(await status('/try/orders', trial.key), expected)
    assert.equal(await status('/partners/orders', partner), 200)
    assert.equal(await status('/orders', partner), 401)
  } finally {
    await gateway.stop()
    await upstream.close()
  }
})
