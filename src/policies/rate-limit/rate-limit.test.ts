import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestPolicy,
  type TestRequest,
} from '../../../test/support/exchange.ts'
import { createClientResolver } from '../../core/client.ts'
import { Fields } from '../../core/fields.ts'
import { allocateRateMemory } from '../../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../stores/counters/shared-rate-table.ts'
import { localRateTable, type RateTable, rateTable } from '../../stores/ports/rate-table.ts'
import { rateLimit } from './index.ts'

const createTable = () => createSharedRateTable(allocateRateMemory(1000))

/** Ports of a deployment whose counters are in memory, or in the given table. */
function portsOf(table: RateTable = createTable(), local: RateTable = createTable()) {
  return [
    [rateTable, table],
    [localRateTable, local],
  ] as const
}

/** A route with limits; `call` sends one request through it. */
async function open(
  limits: readonly (Omit<TestPolicy, 'policy'> | string)[],
  { ports = portsOf(), route = {} }: Pick<TestRequest, 'ports' | 'route'> = {},
) {
  const policies = limits.map((limit) => ({
    policy: rateLimit,
    ...(typeof limit === 'string' ? { options: limit } : limit),
  }))
  const pipeline = await createTestPipeline(policies, route, { ports })
  const call = (request: TestRequest = {}) => runTestExchange({ pipeline, ...request })
  return {
    pipeline,
    call,
    async admitted(times: number, request: TestRequest = {}) {
      let passed = 0
      for (let i = 0; i < times; i++) if ((await call(request)).forwarded) passed++
      return passed
    },
  }
}

test('without the policy, nothing is limited', async () => {
  for (let i = 0; i < 50; i++) assert.equal((await runTestExchange()).status, 200)
})

test('a burst of exactly the limit passes; the next request gets 429 and is told when to come back', async () => {
  const { call, admitted } = await open(['5/h'])
  assert.equal(await admitted(5), 5)
  const refused = await call()
  assert.deepEqual([refused.forwarded, refused.status, refused.code], [false, 429, 'rate_limit_exceeded'])
  assert.equal(refused.exchange.decidedBy, 'rate-limit')
  assert.equal(refused.headers.get('retry-after'), '720')
  assert.equal(refused.headers.get('ratelimit'), '"route-ip-3600s";r=0;t=720')
  const problem = JSON.parse(refused.body)
  assert.deepEqual([problem.type, problem['violated-policies']], ['urn:problem-type:rate-limited', ['route-ip-3600s']])
})

test('after the time of one request, one passes again', async () => {
  const { admitted } = await open([{ options: { limit: '20/s', burst: 3 } }])
  assert.equal(await admitted(4), 3)
  await sleep(51)
  assert.equal(await admitted(4), 1)
})

test('answers tell the limit and what is left, in the syntax of the draft', async () => {
  const { call } = await open([{ options: { limit: '100/min', name: 'default' }, origin: 'defaults' }])
  const { headers } = await call()
  assert.equal(headers.get('ratelimit-policy'), '"default";q=100;w=60')
  assert.equal(headers.get('ratelimit'), '"default";r=99;t=1')
  assert.equal((await call()).headers.get('ratelimit'), '"default";r=98;t=1')
})

test('what is left is never told to be more than the limit', async () => {
  const { call } = await open([{ options: { limit: '10/h', burst: 50, name: 'a' } }])
  assert.equal((await call()).headers.get('ratelimit'), '"a";r=10;t=360')
})

test('several limits all apply and stand in one field, beside those of the upstream', async () => {
  const { call, admitted } = await open([
    { options: { limit: '3/h', name: 'burst' } },
    { options: { limit: '5/day', name: 'daily', per: 'route' } },
  ])
  const upstream = { headers: { ratelimit: '"inner";r=7;t=9' } }
  const first = await call({ upstream })
  assert.equal(first.headers.get('ratelimit-policy'), '"burst";q=3;w=3600, "daily";q=5;w=86400')
  assert.deepEqual(first.headers.all('ratelimit'), ['"inner";r=7;t=9, "burst";r=2;t=1200, "daily";r=4;t=17280'])
  assert.equal(await admitted(5), 2)
  assert.equal(await admitted(5, { client: '192.0.2.2' }), 2)
})

test('what one limit refuses is not charged to those after it', async () => {
  const { call, admitted } = await open([
    { options: { limit: '2/h', name: 'ip' } },
    { options: { limit: '4/day', name: 'all', per: 'route' } },
  ])
  assert.equal(await admitted(20), 2)
  assert.equal((await call({ client: '192.0.2.2' })).headers.get('ratelimit'), '"ip";r=1;t=1800, "all";r=1;t=21600')
})

test('a limit of the defaults counts all routes together, a route’s own counts that route', async () => {
  const ports = portsOf()
  const inherited = { options: '4/h', origin: 'defaults' } as const
  const orders = await open([inherited, '3/h'], { ports, route: { id: 'GET /orders' } })
  const search = await open([inherited, '3/h'], { ports, route: { id: 'GET /search' } })
  assert.equal(await orders.admitted(2), 2)
  assert.equal(await search.admitted(2), 2)
  assert.equal(await orders.admitted(2), 0)
  assert.equal(await search.admitted(2, { client: '192.0.2.2' }), 2)
})

test('`scope` says otherwise', async () => {
  const ports = portsOf()
  const each = { options: { limit: '2/h', scope: 'route' }, origin: 'defaults' } as const
  const group = { options: { limit: '3/h', scope: 'shared', name: 'reports' } } as const
  const a = await open([each, group], { ports, route: { id: 'a' } })
  const b = await open([each, group], { ports, route: { id: 'b' } })
  assert.equal(await a.admitted(3), 2)
  assert.equal(await b.admitted(3), 1)
})

test('a reload goes on with the counts as long as the limit stays the same', async () => {
  const ports = portsOf()
  assert.equal(await (await open(['3/h'], { ports })).admitted(5), 3)
  assert.equal(await (await open(['3/h'], { ports })).admitted(5), 0)
  assert.equal(await (await open(['4/h'], { ports })).admitted(5), 4)
})

test('no header, query, method or spelling of the path gives a caller a second count', async () => {
  const { admitted } = await open(['2/h'])
  assert.equal(await admitted(3), 2)
  for (const request of [
    { headers: { 'x-forwarded-for': '198.51.100.1' } },
    { headers: { forwarded: 'for=198.51.100.1', 'x-real-ip': '198.51.100.1', 'cf-connecting-ip': '198.51.100.1' } },
    { headers: { 'user-agent': 'other', cookie: 'a=1', authorization: 'Bearer other' } },
    { query: 'page=2' },
    { path: '/orders/2' },
    { method: 'POST' },
    { method: 'HEAD' },
    { host: 'other.example.com' },
  ]) {
    assert.equal(await admitted(1, request), 0, JSON.stringify(request))
  }
  assert.equal(await admitted(1, { client: '192.0.2.2' }), 1)
})

test('addresses of one IPv6 /64 are one caller, and a mapped IPv4 address is the IPv4 one', async () => {
  const resolver = createClientResolver({
    trustProxies: ['10.0.0.0/8'],
    forwardingHeader: 'x-forwarded-for',
    ipv6Prefix: 64,
  })
  const from = (peer: string, forwarded?: string) => ({
    client: resolver.resolve(peer, new Fields(forwarded === undefined ? [] : ['x-forwarded-for', forwarded])),
  })
  const { admitted } = await open(['2/h'])
  assert.equal(await admitted(1, from('2001:db8:0:1::1')), 1)
  assert.equal(await admitted(1, from('2001:db8:0:1:ffff::2')), 1)
  assert.equal(await admitted(1, from('2001:db8:0:1:abcd::3')), 0)
  assert.equal(await admitted(1, from('2001:db8:0:2::1')), 1)
  assert.equal(await admitted(2, from('192.0.2.1')), 2)
  assert.equal(await admitted(1, from('::ffff:192.0.2.1')), 0)
  // A stranger's forwarding field counts for nothing, a trusted proxy's last hop does.
  assert.equal(await admitted(1, from('192.0.2.1', '198.51.100.7')), 0)
  assert.equal(await admitted(1, from('10.0.0.1', '198.51.100.7, 192.0.2.1')), 0)
  assert.equal(await admitted(1, from('10.0.0.1', '198.51.100.7')), 1)
})

test('`methods` counts only those, HEAD with GET', async () => {
  const { admitted, call } = await open([{ options: { limit: '2/h', methods: ['GET'] } }])
  assert.equal(await admitted(5, { method: 'POST' }), 5)
  assert.equal((await call({ method: 'POST' })).headers.get('ratelimit'), undefined)
  assert.equal(await admitted(1), 1)
  assert.equal(await admitted(3, { method: 'HEAD' }), 1)
  assert.equal(await admitted(1), 0)
})

test('`cost` takes several units at once', async () => {
  const { admitted, call } = await open([{ options: { limit: '10/h', cost: 4 } }])
  assert.equal((await call()).headers.get('ratelimit'), '"route-ip-3600s";r=6;t=360')
  assert.equal(await admitted(5), 1)
})

test('`headers: false` tells nothing but Retry-After', async () => {
  const { call } = await open([{ options: { limit: '1/h', headers: false } }])
  assert.equal((await call()).headers.get('ratelimit-policy'), undefined)
  const { status, headers } = await call()
  assert.deepEqual([status, headers.get('retry-after'), headers.get('ratelimit')], [429, '3600', undefined])
})

test('observe mode counts, lets pass and records', async () => {
  const { call, admitted } = await open([{ options: '1/h', mode: 'observe' }])
  assert.equal(await admitted(5), 5)
  const { exchange } = await call()
  assert.deepEqual(exchange.observed, [{ policy: 'rate-limit', code: 'rate_limit_exceeded' }])
})

const broken = (fail: () => never | Promise<never>): RateTable => ({
  open: () => ({ take: fail }),
  stats: () => createTable().stats(),
})
const outages: Record<string, RateTable> = {
  throws: broken(() => {
    throw new Error('connection refused')
  }),
  rejects: broken(() => Promise.reject(new Error('connection refused'))),
}

for (const [how, table] of Object.entries(outages)) {
  test(`counters that cannot be reached (${how}): refuse, count here, or let pass, as was asked`, async () => {
    const ports = portsOf(table)
    const refuse = await open([{ options: { limit: '3/h', onFailure: 'refuse' } }], { ports })
    const { status, code, body } = await refuse.call()
    assert.deepEqual([status, code], [503, 'rate_limit_unavailable'])
    assert.ok(!body.includes('connection refused'))

    const local = await open(['3/h'], { ports })
    assert.equal(await local.admitted(5), 3)
    assert.equal((await local.call()).headers.get('ratelimit'), '"route-ip-3600s";r=0;t=1200')

    const allow = await open([{ options: { limit: '3/h', onFailure: 'allow' } }], { ports })
    assert.equal(await allow.admitted(5), 5)
    // Said once, counted each time.
    assert.equal(allow.pipeline.log.length, 1)
    assert.deepEqual([allow.pipeline.log[0]?.level, allow.pipeline.log[0]?.event], ['warn', 'rate_limit_unavailable'])
    assert.equal(allow.pipeline.counters.get('portcullis_rate_limit_failures_total'), 5)
  })
}

test('a table that answers later is waited for', async () => {
  const table = createTable()
  const slow: RateTable = {
    open(spec) {
      const counter = table.open(spec)
      return {
        async take(key, cost, now) {
          await sleep(1)
          return { ...(await counter.take(key, cost, now)) }
        },
      }
    },
    stats: () => table.stats(),
  }
  const { admitted, call } = await open(['3/h'], { ports: portsOf(slow) })
  assert.equal(await admitted(5), 3)
  assert.equal((await call()).headers.get('retry-after'), '1200')
})

test('rejects bad configuration', () => {
  const read = (options: unknown) => parseTestOptions(rateLimit, options)
  for (const bad of [
    undefined,
    {},
    '100',
    { limit: 100 },
    { limit: '100/fortnight' },
    { limit: '0/min' },
    { limit: '10000001/s' },
    { limit: '1/32d' },
    { limit: '1/min', burst: 0 },
    { limit: '1/min', burst: 1.5 },
    { limit: '1/day', burst: 367 },
    { limit: '10/min', cost: 11 },
    { limit: '10/min', burst: 5, cost: 6 },
    { limit: '1/min', per: [] },
    { limit: '1/min', per: 'cookie' },
    { limit: '1/min', per: { header: 'not a name' } },
    { limit: '1/min', methods: [] },
    { limit: '1/min', methods: ['get'] },
    { limit: '1/min', name: 'a"b' },
    { limit: '1/min', onFailure: 'ignore' },
    { limit: '1/min', scope: 'global' },
  ]) {
    assert.throws(() => read(bad), JSON.stringify(bad))
  }
  assert.throws(() => read({ limit: '1/min', window: 60 }), /window/)
  assert.deepEqual(read('100/min'), read({ limit: '100/min', per: 'ip' }))
})

test('warns of limits that can be escaped or may not hold', () => {
  const warn = (options: object) =>
    rateLimit.warnings?.(parseTestOptions(rateLimit, { limit: '1/min', ...options }) as never, undefined as never)
      .length
  assert.equal(warn({}), 0)
  assert.equal(warn({ per: 'route' }), 0)
  assert.equal(warn({ per: [{ header: 'x-tenant' }, 'ip'] }), 0)
  assert.equal(warn({ per: [{ header: 'x-tenant' }, 'route'] }), 1)
  assert.equal(warn({ per: { header: 'x-tenant' }, onFailure: 'allow' }), 2)
})
