import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { bearer, openTestKeys, parseApiKeyOptions, start } from '../../../test/support/api-keys.ts'
import { runTestExchange, type TestPipeline } from '../../../test/support/exchange.ts'
import { createApiKey } from '../../crypto/api-key.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { keyStorePort } from '../../stores/ports/key-store.ts'
import { localRateTable, rateTable } from '../../stores/ports/rate-table.ts'
import { bodyLimits } from '../body-limits/index.ts'
import { apiKey } from './index.ts'

let keys: Awaited<ReturnType<typeof openTestKeys>>
const day = 86_400_000

before(async () => {
  keys = await openTestKeys()
})

beforeEach(() => {
  keys.state.clock = start
  keys.state.reads = 0
  keys.epoch.touch()
})

after(() => keys.close())

const call = (pipeline: TestPipeline, text: string) => runTestExchange({ pipeline, headers: bearer(text) })

test('a key without limits is told of none, however often it comes', async () => {
  const { text } = await keys.issue()
  const pipeline = await keys.createRoute()
  for (let i = 0; i < 20; i++) {
    const { forwarded, headers } = await call(pipeline, text)
    assert.ok(forwarded)
    assert.equal(headers.has('ratelimit'), false)
  }
})

test("a key's rate is counted on all routes together, told, and refused with when to come back", async () => {
  const { text } = await keys.issue({ rateLimit: { limit: 3, windowMs: 60_000 } })
  const routes = [await keys.createRoute(), await keys.createRoute({ cacheLifetime: '10s' })] as const
  for (const i of [0, 1, 0]) assert.ok((await call(routes[i as 0 | 1], text)).forwarded)
  const refused = await call(routes[1], text)
  assert.equal(refused.code, 'api_key_rate_exceeded')
  assert.equal(refused.status, 429)
  assert.match(refused.headers.get('retry-after') as string, /^(19|20)$/)
  assert.equal(refused.headers.get('ratelimit-policy'), '"key-60s";q=3;w=60')
  assert.match(refused.headers.get('ratelimit') as string, /^"key-60s";r=0;t=\d+$/)
  const other = await keys.issue({ rateLimit: { limit: 3, windowMs: 60_000 } })
  assert.ok((await call(routes[0], other.text)).forwarded, 'another key has its own count')
})

test('a quota stands beside the rate, and what is too fast costs none of it', async () => {
  const { text } = await keys.issue({
    rateLimit: { limit: 2, windowMs: 1000 },
    quota: { limit: 3, windowMs: 30 * day },
  })
  const pipeline = await keys.createRoute()
  const codes: (string | null)[] = []
  const first = await call(pipeline, text)
  assert.equal(first.headers.get('ratelimit-policy'), '"key-1s";q=2;w=1, "key-quota-2592000s";q=3;w=2592000')
  for (let i = 0; i < 3; i++) codes.push((await call(pipeline, text)).code)
  assert.deepEqual(codes.slice(1), ['api_key_rate_exceeded', 'api_key_rate_exceeded'])
  await new Promise((resolve) => setTimeout(resolve, 1100))
  assert.ok((await call(pipeline, text)).forwarded)
  assert.equal((await call(pipeline, text)).code, 'api_key_quota_exceeded')
})

test('counters that cannot be reached leave the count to this machine', async () => {
  const { text } = await keys.issue({ rateLimit: { limit: 2, windowMs: 60_000 } })
  const down = { open: () => ({ take: () => Promise.reject(new Error('connection refused')) }) }
  const local = keys.ports.find(([port]) => port.name === localRateTable.name)?.[1]
  const pipeline = await keys.createRoute({}, [
    [rateTable, down],
    [localRateTable, local],
  ])
  assert.ok((await call(pipeline, text)).forwarded)
  assert.ok((await call(pipeline, text)).forwarded)
  const refused = await call(pipeline, text)
  assert.equal(refused.code, 'api_key_rate_exceeded')
  assert.equal(pipeline.log.filter(({ event }) => event === 'api_key_limits_unavailable').length, 1)
})

test('a key makes as many requests as it has uses, however many come at once', async () => {
  const { id, text } = await keys.issue({ usesLeft: 5 })
  const pipeline = await keys.createRoute()
  const results = await Promise.all(Array.from({ length: 40 }, () => call(pipeline, text)))
  assert.equal(results.filter(({ forwarded }) => forwarded).length, 5)
  for (const { forwarded, code, status } of results) {
    if (!forwarded) assert.deepEqual([code, status], ['api_key_used_up', 401])
  }
  assert.equal((await keys.store.find(id))?.usesLeft, 0)
  const reads = keys.state.reads
  assert.equal((await call(pipeline, text)).code, 'api_key_used_up')
  assert.equal(keys.state.reads, reads, 'what is known to be used up asks no more')
  await keys.store.update(id, { usesLeft: 1 }, start)
  keys.epoch.advance()
  assert.ok((await call(pipeline, text)).forwarded)
})

test('the last use may go on with what it opened, as long as the key holds otherwise', async () => {
  const { id, text } = await keys.issue({ usesLeft: 1 })
  const pipeline = await keys.createRoute()
  const { exchange } = await call(pipeline, text)
  const holds = () => pipeline.pipeline.stillHolds(exchange)
  keys.epoch.advance()
  assert.equal(await holds(), true)
  await keys.store.update(id, { cidrs: ['10.0.0.0/8'] }, start)
  keys.epoch.advance()
  assert.equal(await holds(), false)
})

test('what another policy refuses costs no use', async () => {
  const { id, text } = await keys.issue({ usesLeft: 2 })
  const result = await runTestExchange({
    policies: [{ policy: apiKey }, { policy: bodyLimits, options: { maxBytes: '1B' } }],
    route: { authenticated: true },
    ports: keys.ports,
    now: keys.now,
    method: 'POST',
    headers: { ...bearer(text), 'content-type': 'text/plain' },
    body: 'far too long',
  })
  assert.equal(result.forwarded, false)
  assert.equal((await keys.store.find(id))?.usesLeft, 2)
})

test('where uses cannot be counted, the request is refused', async () => {
  const { text } = await keys.issue({ usesLeft: 2 })
  const pipeline = await keys.createRoute({}, [[keyStorePort, { spend: () => Promise.reject(new Error('disk full')) }]])
  const { code, status } = await call(pipeline, text)
  assert.deepEqual([code, status], ['dependency_down', 503])
})

test('a disabled key is refused until it is enabled', async () => {
  const { id, text } = await keys.issue()
  const pipeline = await keys.createRoute()
  assert.ok((await call(pipeline, text)).forwarded)
  await keys.store.setDisabled(id, true, start)
  keys.epoch.advance()
  const { code, status } = await call(pipeline, text)
  assert.deepEqual([code, status], ['api_key_disabled', 401])
  await keys.store.setDisabled(id, false, start)
  keys.epoch.advance()
  assert.ok((await call(pipeline, text)).forwarded)
})

test('a route takes the environments that it names, and keys without one nowhere else', async () => {
  const live = await keys.issue({ environment: 'live' })
  const trial = await keys.issue({ environment: 'test' })
  const none = await keys.issue()
  const pipeline = await keys.createRoute({ environments: ['live'] })
  const passed = await call(pipeline, live.text)
  assert.ok(passed.forwarded)
  assert.equal(passed.exchange.principal?.credential.environment, 'live')
  for (const { text } of [trial, none]) {
    const { code, status } = await call(pipeline, text)
    assert.deepEqual([code, status], ['api_key_environment', 401])
  }
  const open = await keys.createRoute()
  for (const { text } of [live, trial, none]) assert.ok((await call(open, text)).forwarded)
})

test('what is known of a key stands among the attributes, and cannot be changed by a policy', async () => {
  const metadata = { plan: 'gold', seats: { used: 3 } }
  const { text } = await keys.issue({ name: 'deploy', environment: 'live', metadata })
  const { exchange } = await call(await keys.createRoute(), text)
  assert.deepEqual(exchange.principal?.attributes, { keyName: 'deploy', keyEnvironment: 'live', keyMetadata: metadata })
  const seen = exchange.principal?.attributes.keyMetadata as { seats: { used: number } }
  assert.throws(() => {
    seen.seats.used = 0
  }, TypeError)
})

test('keys of another system are taken only where the option says so, by prefix, place and length', async () => {
  const text = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'
  const { id } = await keys.issue({ digest: digestSecret(text) })
  const closed = await keys.createRoute()
  assert.equal((await runTestExchange({ pipeline: closed, headers: { 'x-api-key': text } })).code, 'api_key_malformed')
  assert.equal((await call(closed, text)).code, 'credential_missing')
  const named = await keys.createRoute({ foreign: { prefixes: ['sk_live_'] } })
  for (const headers of [{ 'x-api-key': text }, bearer(text)]) {
    const { forwarded, exchange } = await runTestExchange({ pipeline: named, headers })
    assert.ok(forwarded)
    assert.equal(exchange.principal?.credential.id, id)
    assert.equal(JSON.stringify(exchange.headers.flat).includes(text), false)
  }
  const anything = await keys.createRoute({ foreign: {} })
  assert.ok((await runTestExchange({ pipeline: anything, headers: { 'x-api-key': text } })).forwarded)
  assert.equal((await call(anything, text)).code, 'credential_missing', 'a bearer token may be of another policy')
  keys.state.reads = 0
  const ours = createApiKey().text
  for (const garbage of ['sk_live_short', 'other_4eC39HqLyjWDarjtT1zdp7dc', `sk_live_${'x'.repeat(300)}`, `${ours}x`]) {
    const { code } = await runTestExchange({ pipeline: named, headers: { 'x-api-key': garbage } })
    assert.equal(code, 'api_key_malformed', garbage)
  }
  assert.equal(keys.state.reads, 0)
})

test('a guess at a key of another system costs one look-up, and is remembered for a moment', async () => {
  const pipeline = await keys.createRoute({ foreign: { prefixes: ['sk_'] } })
  const guess = 'sk_a_guess_that_is_long_enough'
  for (let i = 0; i < 20; i++) {
    const { code, exchange } = await runTestExchange({ pipeline, headers: { 'x-api-key': guess } })
    assert.equal(code, 'api_key_unknown')
    assert.equal(exchange.refusal?.detail, undefined)
  }
  assert.equal(keys.state.reads, 1)
})

test('the use of a key that ends soon is counted, and logged once an hour', async () => {
  const pipeline = await keys.createRoute()
  const soon = await keys.issue({ expiresAt: start + 3 * day, createdAt: start - 90 * day })
  const later = await keys.issue({ expiresAt: start + 60 * day, createdAt: start - 90 * day })
  const short = await keys.issue({ expiresAt: start + day })
  const rotated = await keys.issue({ createdAt: start - 90 * day })
  await keys.store.rotate({ id: rotated.id, digest: digestSecret('new'), now: start, overlapUntil: start + day })
  for (const { text } of [soon, soon, later, short, rotated]) assert.ok((await call(pipeline, text)).forwarded)
  const warned = () => pipeline.log.filter(({ event }) => event === 'api_key_ends_soon').map(({ fields }) => fields)
  assert.partialDeepStrictEqual(warned(), [
    { key: soon.id, owner: 'shop', endsAt: new Date(start + 3 * day).toISOString(), because: 'expiry' },
    { key: rotated.id, because: 'rotation' },
  ])
  keys.state.clock += 3_600_000
  await call(pipeline, soon.text)
  assert.equal(warned().length, 3)
  const silent = await keys.createRoute({ expiryWarning: '0s' })
  await call(silent, soon.text)
  assert.deepEqual(silent.log, [])
})

test('a route may take less than the defaults, not more', () => {
  const parse = parseApiKeyOptions
  const cases: [inherited: object, own: object, expected: string][] = [
    [{}, { environments: ['live'] }, 'tighter'],
    [{ environments: ['live', 'test'] }, { environments: ['live'] }, 'tighter'],
    [{ environments: ['live'] }, { environments: ['live', 'test'] }, 'looser'],
    [{ environments: ['live'] }, {}, 'looser'],
    [{}, { foreign: {} }, 'looser'],
    [{ foreign: {} }, {}, 'tighter'],
    [{ foreign: { prefixes: ['sk_'] } }, { foreign: { prefixes: ['sk_live_'] } }, 'tighter'],
    [{ foreign: { prefixes: ['sk_live_'] } }, { foreign: { prefixes: ['sk_'] } }, 'looser'],
    [{ foreign: { prefixes: ['sk_'] } }, { foreign: {} }, 'looser'],
    [{ foreign: { minLength: 32 } }, { foreign: { minLength: 16 } }, 'looser'],
  ]
  for (const [inherited, own, expected] of cases) {
    assert.equal(apiKey.compose(parse(inherited), parse(own)), expected, JSON.stringify([inherited, own]))
  }
  assert.throws(() => parse({ foreign: { prefixes: ['pck_x'] } }), /begins keys that Portcullis made/)
  assert.throws(() => parse({ environments: [] }))
})
