import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createTestExchange } from '../../../test/support/exchange.ts'
import { createTestIssuer, createTestKey, type TestIssuer } from '../../../test/support/issuer.ts'
import { createJwtRoute, toIssuerOptions } from '../../../test/support/jwt-route.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import { createProvide } from '../../core/ports.ts'
import { silentLog, silentMeter } from '../../core/telemetry.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { createOutboundClient } from '../../outbound/outbound-client.ts'
import { jwt } from './index.ts'
import { issuersBlock } from './issuer-options.ts'

let issuer: TestIssuer
let skippedMs: number
const close: (() => unknown)[] = []
const key = createTestKey()

beforeEach(async () => {
  skippedMs = 0
  issuer = await createTestIssuer(key)
  close.push(() => issuer.close())
})
afterEach(async () => {
  for (const each of close.splice(0)) await each()
})

async function createRoute(own: Record<string, unknown> = {}) {
  const route = await createJwtRoute({
    issuers: { main: toIssuerOptions(issuer, own) },
    now: () => Date.now() + skippedMs,
  })
  close.push(() => route.close())
  const count = (name: string) =>
    route.pipeline.gauges.get(`portcullis_jwt_verified_token_${name}_total`)?.() ?? assert.fail(name)
  return { ...route, hits: () => count('hits'), misses: () => count('misses') }
}

test('a token is verified once and then answered without waiting', async () => {
  const route = await createRoute()
  const token = await issuer.sign()
  const first = await route.sendToken(token)
  const { exchange } = await createTestExchange({
    pipeline: route.pipeline,
    headers: { authorization: `Bearer ${token}`, accept: '*/*' },
  })
  const decision = exchange.pipeline.decide(exchange)
  assert.ok(!(decision instanceof Promise))
  assert.equal(decision.kind, 'next')
  assert.equal(exchange.principal, first.exchange.principal)
  assert.deepEqual(exchange.headers.flat, ['accept', '*/*'])
  assert.deepEqual([route.hits(), route.misses()], [1, 1])
})

test('concurrent requests with one new token share one verification', async () => {
  const route = await createRoute()
  const token = await issuer.sign()
  const results = await Promise.all(Array.from({ length: 50 }, () => route.sendToken(token)))
  assert.ok(results.every(({ status }) => status === 200))
  assert.equal(route.misses(), 1)
})

test('an entry ends with its token, to the millisecond, whatever the tolerance', async () => {
  const route = await createRoute({ clockTolerance: '30s' })
  const exp = Math.floor(Date.now() / 1000) + 100
  const token = await issuer.sign({ exp })
  const at = (ms: number) => {
    skippedMs = ms - Date.now()
    return route.sendToken(token)
  }
  await at(exp * 1000 - 50_000)
  assert.equal((await at(exp * 1000 - 500)).status, 200)
  assert.equal(route.hits(), 1)
  // Within the tolerance a token still holds, but is verified each time.
  assert.equal((await at(exp * 1000 + 1)).status, 200)
  assert.equal((await at(exp * 1000 + 1)).status, 200)
  assert.deepEqual([route.hits(), route.misses()], [1, 3])
  assert.equal((await at(exp * 1000 + 30_001)).code, 'token_expired')
})

test('an entry ends with the greatest age of its token', async () => {
  const route = await createRoute({ maxTokenAge: '60s', clockTolerance: '0s' })
  const token = await issuer.sign()
  assert.equal((await route.sendToken(token)).status, 200)
  skippedMs = 60_000
  assert.equal((await route.sendToken(token)).code, 'token_too_old')
})

test('refused tokens are not remembered', async () => {
  const route = await createRoute()
  for (let i = 0; i < 3; i++) await route.sendToken(await issuer.sign({ exp: 1, jti: `${i}` }))
  await route.sendToken(await issuer.sign({}, {}, createTestKey('ES256', key.kid)))
  assert.equal(route.pipeline.gauges.get('portcullis_jwt_verified_tokens')?.(), 0)
})

test('keys and verified tokens outlive a reload, but not a change of their issuer', async () => {
  const shared = new Map<string, object>()
  const client = createOutboundClient()
  close.push(() => client.close())
  const create = (own: Record<string, unknown> = {}) => {
    const deps: PolicyDeps = {
      route: { id: '', path: '/', methods: [], hosts: [], upstream: null, authenticated: true },
      origin: 'route',
      mode: 'enforce',
      now: Date.now,
      block: <T>() => issuersBlock.parse({ main: toIssuerOptions(issuer, own) }) as T,
      secret: () => Promise.reject(new Error('none')),
      shared<T extends object>(key: string, make: () => T): T {
        if (!shared.has(key)) shared.set(key, make())
        return shared.get(key) as T
      },
      slot: () => ({ get: () => undefined, set() {} }),
      provide: createProvide([[outboundPort, client]]),
      log: silentLog,
      meter: silentMeter,
    }
    return jwt.create({ realm: 'api' }, deps)
  }
  const identify = async (hooks: Awaited<ReturnType<typeof create>>, token: string) => {
    const { exchange } = await createTestExchange({ headers: { authorization: `Bearer ${token}` } })
    return hooks.identify?.(exchange) ?? assert.fail('no hook')
  }
  const token = await issuer.sign()
  await identify(await create(), token)
  assert.equal(issuer.requests.get('/jwks.json'), 1)

  const again = identify(await create(), token)
  assert.equal((await again).kind, 'identified')
  assert.equal(issuer.requests.get('/jwks.json'), 1, 'the keys were fetched again')

  const changed = await identify(await create({ audience: 'other' }), token)
  assert.deepEqual([changed.kind, 'code' in changed && changed.code], ['refuse', 'token_audience'])
})
