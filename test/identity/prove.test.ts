import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
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
  served = await serveIdentity({ workers: 1, identity: '  registration: {}' })
})
after(() => served?.stop())

test('the identity server and every stage in front of it are proven', { timeout: 300_000 }, async () => {
  const { stdout, stderr } = await runCli(
    served.gateway.folder,
    'prove',
    '--http-url',
    served.origin,
    '--json',
    '--quiet',
  )
  const { results } = JSON.parse(stdout) as { results: Result[] }
  const own = results.filter(({ policy }) => policy === 'identity')
  assert.ok(own.length >= 17, stderr)
  for (const name of ['passwords cannot be guessed on and on', 'nobody makes a client without an invitation'])
    assert.ok(
      own.some(({ probe }) => probe === name),
      name,
    )
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
      ...['prove', '--http-url', url, '--policy', 'identity', '--json', '--quiet'],
    )
    assert.equal(status, 1)
    const { results } = JSON.parse(stdout) as { results: Result[] }
    assert.deepEqual(
      results.filter(({ verdict }) => verdict === 'pass').map(({ probe }) => probe),
      [],
    )
  } finally {
    lax.close()
    lax.closeAllConnections()
  }
})

/** A login that anybody gets through, with anything, as often as they like. */
function letIn(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', served.origin)
  const name = /username=(prove-[^&]*)/
  if (url.pathname === '/identity/authorize') response.writeHead(303, { location: '/identity/login/x' }).end()
  else if (url.pathname === '/identity/token')
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"x","refresh_token":"y"}')
  else {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const location = 'https://prove.invalid/callback?code=x'
      if (name.exec(body)?.[1]?.endsWith('%21')) response.writeHead(404).end('nobody has that name')
      else if (body.includes('no+such+password')) response.writeHead(422).end('wrong')
      else response.writeHead(303, { location }).end()
    })
  }
}

test('one that lets everybody in is found out, step by step', { timeout: 120_000 }, async () => {
  const lax = createServer(letIn)
  await once(lax.listen(0, '127.0.0.1'), 'listening')
  try {
    const url = `http://127.0.0.1:${(lax.address() as AddressInfo).port}`
    const { stdout } = await runCli(
      served.gateway.folder,
      ...['prove', '--http-url', url, '--policy', 'identity', '--json', '--quiet'],
    )
    const { results } = JSON.parse(stdout) as { results: Result[] }
    const walked = results.slice(results.findIndex(({ probe }) => probe.startsWith('a person logs in')))
    assert.deepEqual(
      walked.filter(({ verdict }) => verdict !== 'fail').map(({ probe }) => probe.slice(0, 20)),
      ['a person logs in, an'],
    )
    assert.ok(walked.filter(({ verdict }) => verdict === 'fail').length >= 10)
  } finally {
    lax.close()
    lax.closeAllConnections()
  }
})
