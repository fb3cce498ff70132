import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { bearer, openTestKeys, parseApiKeyOptions, start } from '../../../test/support/api-keys.ts'
import { parseTestOptions, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import { createProvide } from '../../core/ports.ts'
import { silentLog } from '../../core/telemetry.ts'
import { createApiKey } from '../../crypto/api-key.ts'
import { apiKey } from './index.ts'

let keys: Awaited<ReturnType<typeof openTestKeys>>

before(async () => {
  keys = await openTestKeys()
})

beforeEach(() => {
  keys.state.clock = start
  keys.epoch.touch()
})

after(() => keys.close())

async function call(request: TestRequest, options: unknown = {}) {
  return runTestExchange({ pipeline: await keys.createRoute(options), ...request })
}

async function assertRefused(request: TestRequest, code: string, options?: unknown) {
  const result = await call(request, options)
  assert.equal(result.code, code)
  assert.equal(result.forwarded, false)
  assert.equal(result.status, 401)
  return result
}

test('a key identifies its owner, with roles, scopes and tenant', async () => {
  const { id, text } = await keys.issue({
    name: 'deploy',
    tenant: 'north',
    roles: ['customer', 'admin'],
    scopes: ['orders:read'],
    expiresAt: start + 86_400_000,
  })
  const { exchange, forwarded } = await call({ headers: bearer(text) })
  assert.ok(forwarded)
  assert.deepEqual(exchange.principal, {
    id: 'shop',
    kind: 'service',
    issuer: 'portcullis',
    tenant: 'north',
    roles: ['customer', 'admin'],
    scopes: ['orders:read'],
    attributes: { keyName: 'deploy' },
    credential: { policy: 'api-key', id },
    assurance: null,
    confirmation: null,
    proofOfPossession: null,
    expiresAt: start + 86_400_000,
  })
})

test('a key comes in any of its places, and the upstream is never handed it', async () => {
  const { text } = await keys.issue()
  const places: [TestRequest, unknown][] = [
    [{ headers: bearer(text) }, {}],
    [{ headers: { authorization: `bearer  ${text}` } }, {}],
    [{ headers: { 'X-API-Key': text } }, {}],
    [{ headers: { 'x-shop-key': text } }, { headers: ['X-Shop-Key'] }],
    [{ query: `page=2&api_key=${text}&q=a%20b` }, { query: 'api_key' }],
    [{ query: `page=2&q=a%20b&%61pi_%6bey=${text.replace('_', '%5F')}` }, { query: 'api_key' }],
  ]
  for (const [request, options] of places) {
    const { exchange, forwarded } = await call(request, options)
    assert.ok(forwarded, JSON.stringify(request))
    assert.equal(JSON.stringify([exchange.headers.flat, exchange.query]).includes(text.slice(20)), false)
    if (request.query !== undefined) assert.equal(exchange.query, 'page=2&q=a%20b')
  }
})

test('what is no key of ours is left to other policies', async () => {
  for (const authorization of ['Basic dXNlcjpwYXNz', 'Bearer eyJh.eyJz.c2ln', 'Bearer', 'Bearer ', '', 'pck_x']) {
    const { exchange } = await assertRefused({ headers: { authorization } }, 'credential_missing')
    assert.equal(exchange.headers.get('authorization'), authorization)
  }
  const { text } = await keys.issue()
  await assertRefused({ headers: bearer(text) }, 'credential_missing', { bearer: false })
  await assertRefused({ headers: { 'x-api-key': text } }, 'credential_missing', { headers: [] })
  await assertRefused({ query: `api_key=${text}` }, 'credential_missing')
})

test('all refusals look the same to the caller', async () => {
  const expired = await keys.issue({ expiresAt: start })
  const elsewhere = await keys.issue({ cidrs: ['10.0.0.0/8', '2001:db8::/32'] })
  const revoked = await keys.issue()
  await keys.store.revoke(revoked.id, start)
  const { text } = createApiKey()
  const answers = [
    await assertRefused({ headers: bearer(expired.text) }, 'api_key_expired'),
    await assertRefused({ headers: bearer(elsewhere.text) }, 'api_key_address'),
    await assertRefused({ headers: bearer(revoked.text) }, 'api_key_revoked'),
    await assertRefused({ headers: bearer(text) }, 'api_key_unknown'),
    await assertRefused({ headers: bearer(createApiKey(revoked.id).text) }, 'api_key_unknown'),
    await assertRefused({ headers: bearer(text.slice(0, -1)) }, 'api_key_malformed'),
    await assertRefused({ headers: { 'x-api-key': '' } }, 'api_key_malformed'),
    await assertRefused({ headers: { 'x-api-key': 'key of another service' } }, 'api_key_malformed'),
    await assertRefused({ query: 'key' }, 'api_key_malformed', { query: 'key' }),
    await assertRefused({}, 'credential_missing'),
  ]
  const shown = answers.map(({ status, body, headers }) => JSON.stringify([status, body, headers.flat]))
  assert.equal(new Set(shown).size, 1, shown.join('\n'))
  assert.equal(answers[0]?.headers.get('www-authenticate'), 'Bearer realm="api"')
})

test('neither the log nor the detail of a refusal holds a key', async () => {
  const route = await keys.createRoute({ query: 'key' })
  const texts: string[] = []
  for (const values of [{}, { expiresAt: 1 }, { cidrs: ['10.0.0.0/8'] }]) texts.push((await keys.issue(values)).text)
  texts.push(createApiKey().text, `${texts[0]}x`)
  for (const text of texts) {
    for (const request of [{ headers: bearer(text) }, { headers: { 'x-api-key': text } }, { query: `key=${text}` }]) {
      const { exchange } = await runTestExchange({ pipeline: route, ...request })
      const seen = JSON.stringify([exchange.refusal, exchange.headers.flat, exchange.query, route.log])
      assert.equal(seen.includes(text.slice(17)), false, seen)
    }
  }
})

test('more than one key is refused, even when both are good or the same', async () => {
  const [one, two] = [await keys.issue(), await keys.issue()]
  const options = { query: 'api_key' }
  const requests: TestRequest[] = [
    { headers: { ...bearer(one.text), 'x-api-key': two.text } },
    { headers: { ...bearer(one.text), 'x-api-key': one.text } },
    {
      headers: [
        ['x-api-key', one.text],
        ['x-api-key', two.text],
      ],
    },
    {
      headers: [
        ['authorization', `Bearer ${one.text}`],
        ['authorization', `Bearer ${two.text}`],
      ],
    },
    {
      headers: [
        ['authorization', 'Basic dXNlcjpwYXNz'],
        ['authorization', `Bearer ${two.text}`],
      ],
    },
    {
      headers: [
        ['authorization', `Bearer ${two.text}`],
        ['authorization', 'Basic dXNlcjpwYXNz'],
      ],
    },
    { headers: bearer(one.text), query: `api_key=${two.text}` },
    { query: `api_key=${one.text}&api_key=${two.text}` },
    { query: `api_key=${one.text}&%61pi_key=${one.text}` },
    { headers: { 'x-api-key': '', ...bearer(one.text) } },
  ]
  for (const request of requests) await assertRefused(request, 'api_key_repeated', options)
})

test('the address decides for keys that have networks, IPv4 in IPv6 included', async () => {
  const { text } = await keys.issue({ cidrs: ['10.0.0.0/8', '2001:db8::/32'] })
  for (const client of ['10.255.0.1', '2001:db8::7', '::ffff:10.0.0.1']) {
    assert.ok((await call({ headers: bearer(text), client })).forwarded, client)
  }
  for (const client of ['11.0.0.1', '2001:db9::1', '', 'unknown']) {
    await assertRefused({ headers: bearer(text), client }, 'api_key_address')
  }
})

test('a minted key works for a minute, is written down, and is gone when it is given back', async () => {
  const pipeline = await keys.createRoute()
  const events: [event: string, fields: unknown][] = []
  const deps = {
    now: keys.now,
    provide: createProvide(keys.ports),
    log: { ...silentLog, info: (event: string, fields: unknown) => void events.push([event, fields]) },
  } as PolicyDeps
  const request = { roles: ['customer'], scopes: ['orders:read'], lifetimeSeconds: 3600, key: () => null }
  const mint = (options: unknown) => apiKey.mint(parseApiKeyOptions(options), request, deps)

  const minted = await mint({})
  assert.ok(minted)
  const { exchange, forwarded } = await runTestExchange({ pipeline, headers: minted.headers })
  assert.ok(forwarded)
  assert.deepEqual(exchange.principal?.roles, ['customer'])
  assert.equal(exchange.principal?.expiresAt, start + 60_000)
  await minted.revoke()
  keys.epoch.advance()
  assert.equal((await runTestExchange({ pipeline, headers: minted.headers })).code, 'api_key_unknown')
  assert.deepEqual(
    events.map(([event]) => event),
    ['api_key_minted', 'api_key_removed'],
  )
  const secret = String(minted.headers[0]?.[1]).slice(-49)
  assert.equal(JSON.stringify(events).includes(secret), false)

  assert.equal((await mint({ bearer: false }))?.headers[0]?.[0], 'x-api-key')
  assert.equal(await mint({ bearer: false, headers: [], query: 'key' }), null)
})

test('options that cannot work are refused', () => {
  for (const wrong of [
    { bearer: false, headers: [] },
    { headers: ['Authorization'] },
    { headers: ['Cookie'] },
    { headers: ['bad name'] },
    { headers: ['a', 'b', 'c', 'd', 'e'] },
    { query: '' },
    { query: 'a&b' },
    { query: true },
    { cacheLifetime: '1h' },
    { cacheLifetime: 30 },
    { onFailure: 'allow' },
    { onFailure: 'local' },
    { cache: true },
  ]) {
    assert.throws(() => parseTestOptions(apiKey, wrong), JSON.stringify(wrong))
  }
})

test('inheritance: no route opens the URL or believes keys for longer', () => {
  const compose = (inherited: unknown, own: unknown) =>
    apiKey.compose(parseApiKeyOptions(inherited), parseApiKeyOptions(own))
  assert.equal(compose({}, {}), 'tighter')
  assert.equal(compose({}, { headers: ['x-shop-key'], cacheLifetime: '1s' }), 'tighter')
  assert.equal(compose({}, { query: 'key' }), 'looser')
  assert.equal(compose({ query: 'key' }, { query: 'key' }), 'tighter')
  assert.equal(compose({ query: 'key' }, { query: 'other' }), 'looser')
  assert.equal(compose({ query: 'key' }, {}), 'tighter')
  assert.equal(compose({}, { cacheLifetime: '1m' }), 'looser')
})

test('every attack of the probes is refused, and succeeds where the policy is not there', async () => {
  const caller = await keys.issue()
  for (const options of [{}, { query: 'key' }, { bearer: false, headers: ['x-a', 'x-b'] }]) {
    const pipeline = await keys.createRoute(options)
    const parsed = parseApiKeyOptions(options)
    const target = { route: pipeline.route, path: '/orders', method: 'GET', observe: false }
    const probes = apiKey.probes(parsed, target)
    assert.ok(probes.length > 6)
    const credential = parsed.bearer
      ? (['authorization', `Bearer ${caller.text}`] as const)
      : ([parsed.headers[0] as string, caller.text] as const)
    for (const { name, kind, requests, expect } of probes) {
      for (const { as = 'caller', headers = [], query = '' } of requests) {
        const request = { headers: [...(as === 'caller' ? [credential] : []), ...headers], query }
        const result = await runTestExchange({ pipeline, ...request })
        assert.equal(result.forwarded, kind === 'honest', name)
        if (kind === 'attack') assert.ok(expect.status?.includes(result.status), name)
        assert.ok((await runTestExchange(request)).forwarded, name)
      }
    }
  }
})

test('the query parameter is warned of', () => {
  assert.deepEqual(apiKey.warnings(parseApiKeyOptions({})), [])
  assert.match(apiKey.warnings(parseApiKeyOptions({ query: 'key' }))[0]?.text ?? '', /`key`/)
})
