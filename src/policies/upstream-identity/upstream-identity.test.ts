import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import {
  createTestExchange,
  createTestPipeline,
  runTestExchange,
  type TestPipeline,
} from '../../../test/support/exchange.ts'
import { absent, identified } from '../../core/decision.ts'
import { definePolicy } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { dataFolderPort } from '../../stores/ports/data-folder.ts'
import { apiKey } from '../api-key/index.ts'
import { compose } from './compose.ts'
import { IdentityTokens } from './identity-tokens.ts'
import { upstreamIdentity } from './index.ts'
import { options as schema } from './options.ts'
import { createKeyFileText, findSigner, parseKeyFile } from './signing-keys.ts'

const customer: Principal = {
  id: 'customer-1',
  kind: 'user',
  issuer: 'https://login.example.com',
  tenant: 'north',
  roles: ['customer'],
  scopes: ['orders:read', 'orders:write'],
  attributes: { email: 'a@example.com' },
  credential: { policy: 'jwt', id: 'token-1' },
  assurance: 'urn:mfa',
  confirmation: null,
  proofOfPossession: null,
  expiresAt: null,
}

let folder: string
let now: number
let caller: Principal

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-identity-'))
})
after(() => rm(folder, { recursive: true }))
beforeEach(() => {
  now = 1_800_000_000_000
  caller = customer
})

const credential = definePolicy({ ...apiKey, create: () => ({ identify: () => identified(caller) }) })

function createRoute(options: unknown = {}, route: Record<string, unknown> = {}): Promise<TestPipeline> {
  const authenticated = route.authenticated !== false
  return createTestPipeline(
    [...(authenticated ? [{ policy: credential }] : []), { policy: upstreamIdentity, options }],
    { authenticated, upstream: 'shop', ...route },
    { now: () => now, ports: [[dataFolderPort, { path: folder }]] },
  )
}

/** What the upstream is sent: the client's fields that are left, and those that policies add. */
async function forward(pipeline: TestPipeline, headers: [string, string][] = []) {
  const { exchange, status } = await runTestExchange({ pipeline, headers })
  assert.equal(status, 200)
  return { fromOutside: exchange.headers.flat, added: exchange.upstreamFields }
}

async function tokenOf(pipeline: TestPipeline): Promise<string> {
  const { added } = await forward(pipeline)
  assert.equal(added.length, 2)
  return added[1] ?? ''
}

async function readJwks(pipeline: TestPipeline) {
  const { exchange } = await createTestExchange({ pipeline })
  const answer = await pipeline.hooks.at(-1)?.endpoints?.jwks?.(exchange)
  assert.ok(answer?.kind === 'reply')
  return { headers: new Map(answer.headers), set: JSON.parse(String(answer.body)) }
}

describe('what the upstream is told', () => {
  test('can be verified with the keys that are served', async () => {
    for (const algorithm of ['ES256', 'EdDSA']) {
      const route = await createRoute({ algorithm })
      const { set, headers } = await readJwks(route)
      assert.equal(headers.get('content-type'), 'application/jwk-set+json')
      assert.match(headers.get('cache-control') ?? '', /public/)
      assert.ok(set.keys.every((key: object) => !('d' in key)))
      const { payload, protectedHeader } = await jwtVerify(await tokenOf(route), createLocalJWKSet(set), {
        algorithms: [algorithm],
        issuer: 'portcullis',
        audience: 'shop',
        currentDate: new Date(now),
      })
      assert.deepEqual(payload, {
        iss: 'portcullis',
        aud: 'shop',
        iat: now / 1000,
        exp: now / 1000 + 120,
        sub: 'customer-1',
        sub_id: { format: 'iss_sub', iss: 'https://login.example.com', sub: 'customer-1' },
        kind: 'user',
        roles: ['customer'],
        scope: 'orders:read orders:write',
        tenant: 'north',
        acr: 'urn:mfa',
        attributes: { email: 'a@example.com' },
        credential: { policy: 'jwt', id: 'token-1' },
      })
      assert.equal(protectedHeader.typ, 'JWT')
    }
  })

  test('stands in the field that was chosen', async () => {
    const plain = await forward(await createRoute({ header: 'X-Identity', audience: 'orders', issuer: 'gate' }))
    assert.equal(plain.added[0], 'x-identity')
    const claims = decodeJwt(plain.added[1] ?? '')
    assert.deepEqual([claims.iss, claims.aud], ['gate', 'orders'])
    const bearer = await forward(await createRoute({ header: 'authorization' }))
    assert.equal(bearer.added[0], 'authorization')
    assert.match(bearer.added[1] ?? '', /^Bearer eyJ/)
  })

  test('is for that upstream only', async () => {
    const shop = await tokenOf(await createRoute())
    const stock = await tokenOf(await createRoute({}, { upstream: 'stock' }))
    assert.equal(decodeJwt(stock).aud, 'stock')
    assert.notEqual(shop, stock)
  })

  test('is nothing where nobody was identified, and where no upstream answers', async () => {
    assert.deepEqual((await forward(await createRoute({}, { authenticated: false }))).added, [])
    assert.deepEqual((await forward(await createRoute({}, { upstream: null }))).added, [])
  })
})

describe('what a client says about itself', () => {
  const forged: [string, string][] = [
    ['portcullis-identity', 'forged'],
    ['accept', '*/*'],
    ['Portcullis-Identity', 'forged again'],
    ['portcullis_identity', 'for servers that read _ as -'],
    ['PORTCULLIS-identity', ''],
    ['portcullis-identity-x', 'another field'],
  ]
  const left = ['accept', '*/*', 'portcullis-identity-x', 'another field']

  test('never reaches the upstream, with or without a principal', async () => {
    const known = await forward(await createRoute(), forged)
    assert.deepEqual(known.fromOutside, left)
    assert.equal(known.added.length, 2)
    const nobody = await forward(await createRoute({}, { authenticated: false }), forged)
    assert.deepEqual([nobody.fromOutside, nobody.added], [left, []])
    const embedded = await forward(await createRoute({}, { upstream: null }), forged)
    assert.deepEqual([embedded.fromOutside, embedded.added], [left, []])
  })

  test('reaches it without the policy', async () => {
    const { exchange } = await runTestExchange({ headers: forged })
    assert.equal(exchange.headers.all('portcullis-identity').length, 3)
  })

  test('is dropped under a name of its own as well', async () => {
    const route = await createRoute({ header: 'x-caller-id' }, { authenticated: false })
    const { fromOutside } = await forward(route, [
      ['x-caller-id', 'admin'],
      ['x_caller-id', 'admin'],
      ['x_caller_id', 'admin'],
    ])
    assert.deepEqual(fromOutside, [])
  })
})

describe('signing', () => {
  test('happens once per caller and half a lifetime, so that no upstream gets a token near its end', async () => {
    const route = await createRoute({ lifetime: '60s' })
    const first = await tokenOf(route)
    now += 29_999
    assert.equal(await tokenOf(route), first)
    now += 1
    const second = await tokenOf(route)
    assert.notEqual(second, first)
    assert.ok((decodeJwt(second).exp ?? 0) * 1000 >= now + 59_000)
    assert.equal(route.gauges.get('portcullis_upstream_identity_signed_total{audience="shop"}')?.(), 2)
  })

  test('happens again when the clock was set back, or the token would come from the future', async () => {
    const route = await createRoute()
    await tokenOf(route)
    now -= 60_000
    assert.equal(decodeJwt(await tokenOf(route)).iat, now / 1000)
  })

  test('tells what has changed of a caller at once', async () => {
    const route = await createRoute()
    const changes: Partial<Principal>[] = [
      { roles: ['customer', 'admin'] },
      { roles: [] },
      { scopes: ['orders:read'] },
      { tenant: 'south' },
      { tenant: null },
      { issuer: 'https://partner.example.net' },
      { kind: 'service' },
      { attributes: { email: 'b@example.com' } },
      { attributes: {} },
      { credential: { policy: 'api-key', id: 'token-1' } },
      { assurance: null },
      { id: 'customer-2' },
    ]
    const tokens = new Set([await tokenOf(route)])
    for (const change of changes) {
      caller = { ...customer, ...change }
      tokens.add(await tokenOf(route))
    }
    assert.equal(tokens.size, changes.length + 1)
    caller = { ...customer }
    assert.ok(tokens.has(await tokenOf(route)), 'an equal caller gets the same token')
  })

  test('believes an object only where nobody can have changed it', async () => {
    const route = await createRoute()
    const roles = ['customer']
    caller = Object.freeze({ ...customer, roles })
    await tokenOf(route)
    roles.push('admin')
    assert.deepEqual(decodeJwt(await tokenOf(route)).roles, ['customer', 'admin'])
  })

  test('is synchronous', async () => {
    const pipeline = await createRoute()
    const { exchange } = await createTestExchange({ pipeline })
    assert.ok(!(exchange.pipeline.decide(exchange) instanceof Promise))
  })

  test('holds a bounded number of tokens', async () => {
    const key = findSigner(parseKeyFile(await createKeyFileText(now)), 'ES256')
    const tokens = new IdentityTokens(key, { issuer: 'portcullis', audience: 'shop', lifetimeMs: 120_000 })
    const attributes = { bulk: 'x'.repeat(100_000) }
    for (let i = 0; i < 400; i++) tokens.tokenFor({ ...customer, id: `customer-${i}`, attributes }, now)
    assert.ok(tokens.size <= 170, `${tokens.size} tokens`)
  })

  test('of more than fits into a header is refused', async () => {
    const route = await createRoute()
    caller = { ...customer, attributes: { bulk: 'x'.repeat(7000) } }
    const { status, code, forwarded } = await runTestExchange({ pipeline: route })
    assert.deepEqual([status, code, forwarded], [500, 'identity_too_large', false])
  })
})

describe('configuration', () => {
  test('fails closed where the keys cannot be used', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'portcullis-identity-'))
    try {
      await writeFile(join(broken, 'signing-keys.json'), '{}', { mode: 0o600 })
      const pending = createTestPipeline(
        [{ policy: upstreamIdentity }],
        { authenticated: true, upstream: 'shop' },
        { ports: [[dataFolderPort, { path: broken }]] },
      )
      await assert.rejects(pending, /signing-keys\.json cannot be used/)
    } finally {
      await rm(broken, { recursive: true })
    }
  })

  test('is refused where it is unsafe', () => {
    const wrong = [
      { lifetime: '10s' },
      { lifetime: '10m' },
      { header: 'cookie' },
      { header: 'host' },
      { header: 'x-forwarded-for' },
      { header: 'x_identity' },
      { header: 'a b' },
      { algorithm: 'HS256' },
      { algorithm: 'none' },
      { jwksPath: 'keys' },
      { jwksPath: '/keys/{id}' },
      { issuer: '' },
      { key: 'x' },
    ]
    for (const options of wrong) assert.equal(schema.safeParse(options).success, false, JSON.stringify(options))
  })

  test('of a route may shorten the lifetime but not extend it', () => {
    const of = (lifetime: string) => schema.parse({ lifetime })
    assert.equal(compose(of('2m'), of('1m')), 'tighter')
    assert.equal(compose(of('2m'), of('2m')), 'tighter')
    assert.equal(compose(of('2m'), of('3m')), 'looser')
  })

  test('brings a route for the public keys', () => {
    const [endpoint, ...others] = upstreamIdentity.endpoints?.(schema.parse({ jwksPath: '/keys.json' })) ?? []
    assert.equal(others.length, 0)
    assert.deepEqual([endpoint?.path, endpoint?.methods], ['/keys.json', ['GET']])
  })

  test('has probes for the keys on their route, and for forgery on the others', async () => {
    const { route } = await createRoute()
    const target = { route, origin: 'built-in', path: '/orders', method: 'GET', observe: false } as const
    const [forgery, ...others] = upstreamIdentity.probes(schema.parse({}), target)
    assert.equal(others.length, 0)
    const request = forgery?.requests[0]
    assert.deepEqual(
      [forgery?.kind, request?.as, request?.headers?.[0]?.[0]],
      ['attack', 'none', 'portcullis-identity'],
    )
    const nobody = definePolicy({ ...apiKey, create: () => ({ identify: () => absent, challenge: 'Bearer' }) })
    const refused = await runTestExchange({
      policies: [{ policy: nobody }],
      route: { authenticated: true },
      headers: request?.headers ?? [],
    })
    assert.deepEqual(forgery?.expect.status, [refused.status])
    const open = upstreamIdentity.probes(schema.parse({}), { ...target, route: { ...route, authenticated: false } })
    assert.deepEqual([open.length, open[0]?.expect.outcome], [1, 'passed'])
    const keys = upstreamIdentity.probes(schema.parse({ jwksPath: '/keys.json' }), {
      ...target,
      route: { ...route, path: '/keys.json' },
    })
    assert.deepEqual(
      keys.map(({ kind, requests }) => [kind, requests[0]?.path]),
      [['honest', '/keys.json']],
    )
  })

  test('takes an algorithm and its key from each other', async () => {
    const header = decodeProtectedHeader(await tokenOf(await createRoute({ algorithm: 'EdDSA' })))
    assert.equal(header.alg, 'EdDSA')
  })
})
