import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTestExchange, type TestRequest } from '../../test/support/exchange.ts'
import { refuse } from '../core/decision.ts'
import type { Exchange, Outcome } from '../core/exchange.ts'
import { createApiKey } from '../crypto/api-key.ts'
import { createAccessLog } from './access-log.ts'
import { maxLineBytes } from './line-length.ts'
import { redacted } from './secret-patterns.ts'

const jwt = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJjdXN0b21lci0xIn0.c2lnbmF0dXJl'
const ended: Outcome = { status: 200, bytesSent: 12, aborted: false }

/** What is written about an exchange, as text and as it is read. */
async function record(
  request: TestRequest,
  prepare: (exchange: Exchange) => void = () => {},
  { headers = [], outcome = ended }: { headers?: readonly string[]; outcome?: Outcome } = {},
) {
  const lines: string[] = []
  const write = createAccessLog({ write: (line) => void lines.push(line) }, { headers: [...headers] })
  const { exchange } = await createTestExchange(request)
  prepare(exchange)
  write(exchange, outcome, performance.now())
  assert.equal(lines.length, 1)
  const [line] = lines as [string]
  assert.match(line, /^[ -~]*\n$/, 'one line of printable ASCII')
  return { line, entry: JSON.parse(line) as Record<string, unknown> }
}

test('a line says who asked for what, what became of it, and how long that took', async () => {
  const request = { method: 'POST', path: '/orders/1', query: 'page=2', client: '192.0.2.7' }
  const { entry } = await record(request, (exchange) => {
    exchange.forwardedAt = exchange.startedAt + 1.28
    exchange.answeredAt = exchange.startedAt + 11.28
    exchange.target = '127.0.0.1:3000'
  })
  const { time, ms, ...rest } = entry
  assert.ok(Math.abs((time as number) - Date.now()) < 10_000)
  assert.ok((ms as number) >= 0)
  assert.deepEqual(rest, {
    level: 30,
    event: 'access',
    requestId: 'request-1',
    client: '192.0.2.7',
    method: 'POST',
    scheme: 'https',
    httpVersion: '1.1',
    host: 'api.example.com',
    path: '/orders/1',
    query: 'page=2',
    route: 'GET /orders',
    status: 200,
    bytes: 12,
    policyMs: 1.3,
    upstreamMs: 10,
    target: '127.0.0.1:3000',
    decision: 'forwarded',
  })
  assert.equal((await record({}, () => {})).entry.decision, 'replied', 'a redirect to HTTPS is nobody else’s answer')
})

test('a refusal is told with its private code, its policy and its detail, without secrets', async () => {
  const { entry } = await record({}, (exchange) => {
    exchange.refusal = refuse('token_expired', `the token ${jwt} has expired`)
    exchange.decidedBy = 'jwt'
  })
  const { decision, code, policy, detail } = entry
  assert.deepEqual(
    { decision, code, policy, detail },
    { decision: 'refused', code: 'token_expired', policy: 'jwt', detail: `the token ${redacted} has expired` },
  )
})

test('what a policy answered, what it would have refused, and how it failed are told', async () => {
  const outcome = { ...ended, aborted: true }
  const { entry } = await record(
    { client: { address: '192.0.2.7', key: '192.0.2.7', peer: '198.51.100.1' } },
    (exchange) => {
      exchange.decidedBy = 'cors'
      exchange.observed = [{ policy: 'rate-limit', code: 'rate_limited' }]
      exchange.fault = new TypeError('cannot reach postgres://app:hunter2@db/app')
    },
    { outcome },
  )
  const { decision, policy, observed, aborted, fault, peer } = entry
  assert.deepEqual(
    { decision, policy, observed, aborted, fault, peer },
    {
      decision: 'replied',
      policy: 'cors',
      observed: [{ policy: 'rate-limit', code: 'rate_limited' }],
      aborted: true,
      fault: `TypeError: cannot reach postgres://${redacted}@db/app`,
      peer: '198.51.100.1',
    },
  )
})

test('a caller is named by the public id of the credential', async () => {
  const { entry } = await record({}, (exchange) => {
    exchange.principal = {
      id: 'customer-1',
      issuer: 'portcullis',
      credential: { policy: 'api-key', id: 'Fv2dcdmL80fm' },
    } as Exchange['principal']
  })
  assert.equal(entry.principal, 'customer-1')
  assert.equal(entry.issuer, 'portcullis')
  assert.equal(entry.credential, 'api-key:Fv2dcdmL80fm')
})

test('secrets in the path and the query are cut out', async () => {
  const { text } = createApiKey()
  const { line, entry } = await record({ path: `/files/${text}`, query: `password=hunter2&next=${jwt}&page=2` })
  assert.equal(entry.path, `/files/${redacted}`)
  assert.equal(entry.query, `password=${redacted}&next=${redacted}&page=2`)
  assert.doesNotMatch(line, /hunter2|eyJ|pck_/)
  assert.equal((await record({ path: '/a/token=xy' })).entry.path, `/a/token=${redacted}`)
})

test('chosen header fields are written, cleaned; credentials never, even when chosen', async () => {
  const headers = ['user-agent', 'referer', 'x-tag', 'authorization', 'cookie', 'x-api-key']
  const request: TestRequest = {
    headers: [
      ['User-Agent', 'curl/8'],
      ['Referer', 'https://app.example.com/?code=abc&page=2'],
      ['X-Tag', 'a'],
      ['Accept', '*/*'],
      ['X-Tag', 'b'],
      ['Authorization', `Bearer ${jwt}`],
      ['Cookie', 'sid=abc'],
      ['X-Api-Key', 'secret'],
    ],
  }
  const { entry, line } = await record(request, undefined, { headers })
  assert.deepEqual(entry.headers, {
    'user-agent': 'curl/8',
    referer: `https://app.example.com/?code=${redacted}&page=2`,
    'x-tag': 'a, b',
  })
  assert.equal(line.match(/"x-tag"/g)?.length, 1)
  assert.equal('headers' in (await record({}, undefined, { headers })).entry, false)
})

test('the same field is cleaned again each time, remembered or not', async () => {
  const lines: string[] = []
  const write = createAccessLog({ write: (line) => void lines.push(line) }, { headers: ['referer'] })
  for (const value of ['https://a.example/?token=abc', `https://a.example/?token=abc&x=${'y'.repeat(300)}`]) {
    const { exchange } = await createTestExchange({ headers: { referer: value } })
    for (let i = 0; i < 3; i++) write(exchange, ended, performance.now())
  }
  assert.equal(lines.length, 6)
  for (const line of lines) assert.match(JSON.parse(line).headers.referer, /token=\[redacted\]/)
})

test('a line is never longer than a pipe takes at once, whatever a caller sends', async () => {
  const texts = fc.constantFrom('a', '"', '\\', 'é', '\u0000', '😀', '%00', '&a=b', ' ')
  const anyText = fc
    .tuple(texts, fc.nat(3000))
    .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length))
  await fc.assert(
    fc.asyncProperty(anyText, anyText, anyText, anyText, async (path, query, header, other) => {
      const request = { path: `/${path}`, query, host: other, method: other, headers: { 'user-agent': header } }
      const { line, entry } = await record(
        request,
        (exchange) => {
          exchange.refusal = refuse('token_expired', other)
          exchange.decidedBy = 'jwt'
          exchange.target = other
          exchange.fault = new Error(other)
          exchange.observed = Array.from({ length: 100 }, () => ({ policy: 'rate-limit', code: 'rate_limited' }))
          exchange.principal = {
            id: other,
            issuer: other,
            credential: { policy: 'jwt', id: other },
          } as Exchange['principal']
        },
        { headers: ['user-agent'] },
      )
      assert.ok(line.length <= maxLineBytes, `${line.length}`)
      assert.equal(entry.requestId, 'request-1')
      assert.equal(entry.status, 200)
    }),
    { numRuns: 60 },
  )
})

test('a line that had to be cut says so, and keeps what identifies the request', async () => {
  const { entry } = await record(
    { path: `/${'p'.repeat(5000)}`, query: 'q'.repeat(5000), headers: { 'user-agent': 'u'.repeat(5000) } },
    (exchange) => {
      exchange.fault = new Error('f'.repeat(5000))
      exchange.refusal = refuse('token_expired', 'd'.repeat(5000))
    },
    { headers: ['user-agent'] },
  )
  assert.equal(entry.cut, true)
  assert.match(entry.path as string, /^\/p+…$/)
  assert.equal(entry.client, '192.0.2.1')
})
