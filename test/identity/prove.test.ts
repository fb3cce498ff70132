import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type ServedIdentity, serveIdentity } from '../support/identity.ts'
import { runCli } from '../support/run-cli.ts'

interface Result {
  readonly policy: string
  readonly probe: string
  readonly verdict: string
  readonly got: string
  readonly route: string
}

let served: ServedIdentity
before(async () => {
  served = await serveIdentity({ workers: 1 })
})
after(() => served?.stop())

test('the identity server and every stage in front of it are proven', { timeout: 300_000 }, async () => {
  const { stdout, stderr } = await runCli(served.gateway.folder, 'prove', '--http-url', served.origin, '--json')
  const parsed = JSON.parse(stdout) as Result[] | { results: Result[] }
  const results = Array.isArray(parsed) ? parsed : parsed.results
  const own = results.filter(({ policy }) => policy === 'identity')
  assert.ok(own.length >= 7, stderr)
  assert.deepEqual(
    own.filter(({ verdict }) => verdict !== 'pass'),
    [],
  )
  const beside = results.filter(({ route, verdict }) => route.includes('/identity') && verdict === 'fail')
  assert.deepEqual(beside, [])
})

test('a server that believes everything is found out', { timeout: 120_000 }, async () => {
  const lax = createServer((request, response) => {
    const url = new URL(request.url ?? '', served.origin)
    const redirect = url.searchParams.get('redirect_uri')
    if (redirect === null) response.writeHead(200, { 'content-type': 'text/plain' }).end('{"access_token":"x"}')
    else response.writeHead(303, { location: `${redirect}?code=x` }).end()
  })
  await once(lax.listen(0, '127.0.0.1'), 'listening')
  try {
    const url = `http://127.0.0.1:${(lax.address() as AddressInfo).port}`
    const { status, stdout } = await runCli(
      served.gateway.folder,
      ...['prove', '--http-url', url, '--policy', 'identity', '--json'],
    )
    assert.equal(status, 1)
    const parsed = JSON.parse(stdout) as Result[] | { results: Result[] }
    const results = Array.isArray(parsed) ? parsed : parsed.results
    assert.deepEqual(
      results.filter(({ verdict }) => verdict === 'pass').map(({ probe }) => probe),
      [],
    )
  } finally {
    lax.close()
    lax.closeAllConnections()
  }
})
