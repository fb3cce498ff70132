import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { createTestPipeline, runTestExchange } from '../../../test/support/exchange.ts'
import { newStoredRole, TestRoles } from '../../../test/support/roles.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import { identified } from '../../core/decision.ts'
import { definePolicy } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { rolesBlock } from '../../roles/roles-block.ts'
import { apiKey } from '../api-key/index.ts'
import { checkOptions } from './check-options.ts'
import { toDemands } from './demands.ts'
import { rbac } from './index.ts'
import { judgeRoles } from './judge-roles.ts'
import { options as schema } from './options.ts'

const issuer = 'https://login.example.com/'
let store = new TestRoles()

beforeEach(() => {
  store = new TestRoles()
})

function newPrincipal(values: Partial<Principal> = {}): Principal {
  return {
    id: 'alice',
    kind: 'user',
    issuer,
    tenant: null,
    roles: [],
    scopes: [],
    attributes: {},
    credential: { policy: 'jwt', id: '1' },
    assurance: null,
    confirmation: null,
    proofOfPossession: null,
    expiresAt: null,
    ...values,
  }
}

/** A route that asks for these rights, with roles of the policy file and of the store. */
async function createRoute(options: unknown, roles: unknown = {}) {
  let principal = newPrincipal()
  const credential = definePolicy({
    ...apiKey,
    name: 'test',
    create: () => ({ identify: () => identified(principal) }),
  })
  const pipeline = await createTestPipeline(
    [{ policy: credential }, { policy: rbac, options }],
    { authenticated: true },
    { blocks: { roles: rolesBlock.parse(roles), issuers: { main: { issuer } } }, ports: store.ports() },
  )
  return async (caller: Partial<Principal> = {}, method = 'GET') => {
    principal = newPrincipal(caller)
    const { status, code, exchange } = await runTestExchange({ pipeline, method })
    const lines = await pipeline.hooks[1]?.explain?.(exchange)
    return { status, code, why: lines?.join('\n') ?? '' }
  }
}

const shop = {
  customer: { permissions: ['orders:read'] },
  support: { inherits: ['customer'], permissions: ['orders:*'] },
  admin: { inherits: ['support'], permissions: ['*:*'] },
}

describe('the hierarchy', () => {
  test('lets a role pass where one is asked for that it inherits, and not the other way round', async () => {
    const call = await createRoute({ roles: ['support'] }, shop)
    assert.equal((await call({ roles: ['admin'] })).status, 200)
    assert.equal((await call({ roles: ['support'] })).status, 200)
    assert.deepEqual([(await call({ roles: ['customer'] })).status, (await call()).code], [403, 'role_missing'])
  })

  test('gives permissions, with wildcards', async () => {
    const call = await createRoute({ permissions: ['orders:write'] }, shop)
    assert.equal((await call({ roles: ['support'] })).status, 200)
    const customer = await call({ roles: ['customer'] })
    assert.deepEqual([customer.status, customer.code], [403, 'permission_missing'])
    // A name in a token is a role, never a permission.
    assert.equal((await call({ roles: ['orders:write', '*:*'], scopes: ['orders:write'] })).status, 403)
  })

  test('is explained: who gives what, through which roles', async () => {
    const call = await createRoute({ roles: ['customer'], permissions: ['orders:write'] }, shop)
    assert.deepEqual((await call({ roles: ['admin'] })).why.split('\n'), [
      'roles held: admin (the credential)',
      'role customer, needed: admin → support → customer (the credential)',
      'permission orders:write, needed: admin → *:* (the credential)',
    ])
    assert.match((await call({ roles: ['customer'] })).why, /permission orders:write, needed: not held/)
  })
})

describe('single methods', () => {
  test('ask for more than the route does, never for less', async () => {
    const call = await createRoute(
      { roles: ['customer'], methods: { DELETE: { roles: ['admin'] }, GET: { scopes: ['s'] } } },
      shop,
    )
    assert.equal((await call({ roles: ['customer'] }, 'PUT')).status, 200)
    assert.equal((await call({ roles: ['customer'] }, 'DELETE')).code, 'role_missing')
    assert.equal((await call({ roles: ['admin'] }, 'DELETE')).status, 200)
    for (const method of ['GET', 'HEAD']) assert.equal((await call({ roles: ['admin'] }, method)).code, 'scope_missing')
    assert.equal((await call({ roles: ['admin'], scopes: ['s'] }, 'HEAD')).status, 200)
  })
})

describe('rules of the policy file', () => {
  const cases: [rule: object, meets: Partial<Principal>, near: Partial<Principal>][] = [
    [{ issuer, subject: 'bob' }, { id: 'bob' }, { id: 'bob', issuer: 'https://other.example/' }],
    [{ issuer: 'main', subject: 'bob' }, { id: 'bob' }, { id: 'Bob' }],
    [{ issuer, group: 'staff' }, { attributes: { groups: ['x', 'staff'] } }, { attributes: { groups: ['staff '] } }],
    [{ issuer, client: 'cli' }, { attributes: { azp: 'cli' } }, { attributes: { azp: 'cli', client_id: 'other' } }],
    [
      { issuer, client: 'cli' },
      { kind: 'service', id: 'cli' },
      { kind: 'user', id: 'cli' },
    ],
    [{ issuer, tenant: 'north' }, { tenant: 'north' }, { tenant: null }],
    [{ issuer, claims: { level: 3 } }, { attributes: { level: 3 } }, { attributes: { level: '3' } }],
    [{ issuer, claims: { teams: 'a' } }, { attributes: { teams: ['b', 'a'] } }, { attributes: { teams: 'ab' } }],
    [
      { issuer, tenant: 'north', group: 'staff' },
      { tenant: 'north', attributes: { groups: 'staff' } },
      { tenant: 'south', attributes: { groups: 'staff' } },
    ],
    [
      { issuer: 'portcullis', key: 'k1' },
      { issuer: 'portcullis', credential: { policy: 'api-key', id: 'k1' } },
      { issuer: 'portcullis', credential: { policy: 'jwt', id: 'k1' } },
    ],
  ]
  test('give a role to who meets all of their conditions', async () => {
    for (const [rule, meets, near] of cases) {
      const call = await createRoute({ roles: ['staff'] }, { staff: { assign: [rule] } })
      assert.equal((await call(meets)).status, 200, JSON.stringify(rule))
      assert.equal((await call(near)).code, 'role_missing', JSON.stringify(near))
      assert.match((await call(meets)).why, /rule 1 of roles.staff.assign/)
    }
  })

  test('read no names of the language out of attributes', async () => {
    const call = await createRoute(
      { roles: ['staff'] },
      { staff: { assign: [{ issuer, claims: { constructor: 'x' } }] } },
    )
    assert.equal((await call()).status, 403)
  })
})

describe('the store', () => {
  const alice = { kind: 'principal', issuer, id: 'alice' } as const

  test('gives roles of the file and of its own, and takes them back at once', async () => {
    const call = await createRoute({ permissions: ['orders:write'] }, shop)
    assert.equal((await call()).status, 403)
    store.given.push({ holder: alice, role: 'support' })
    assert.equal((await call()).status, 403, 'nothing was said of a change')
    store.epoch++
    const granted = await call()
    assert.equal(granted.status, 200)
    assert.match(granted.why, /support → orders:\* \(the store, to the principal alice\)/)
    assert.equal((await call({ id: 'bob' })).status, 403)
    store.given.pop()
    store.epoch++
    assert.equal((await call()).status, 403)
    store.definitions.push(newStoredRole('writer', { inherits: ['customer'], permissions: ['orders:write'] }))
    store.given.push({ holder: alice, role: 'writer' })
    store.epoch++
    assert.equal((await call()).status, 200)
  })

  test('gives no role that nothing defines, and changes none of the file', async () => {
    store.given.push({ holder: alice, role: 'ghost' })
    assert.equal((await (await createRoute({ roles: ['ghost'] }))()).status, 403)
    store.definitions.push(newStoredRole('customer', { permissions: ['*:*'] }))
    const call = await createRoute({ permissions: ['orders:write'] }, shop)
    assert.equal((await call({ roles: ['customer'] })).status, 403)
  })

  test('is not asked where the credential and the file are enough, and once for everything else', async () => {
    const call = await createRoute({ roles: ['customer'] }, shop)
    await call({ roles: ['customer'] })
    const principal = { roles: ['customer'] }
    const asked = store.asked
    const plain = await createTestPipeline(
      [{ policy: rbac, options: { roles: ['customer'] } }],
      {},
      { blocks: { roles: rolesBlock.parse(shop) }, ports: store.ports() },
    )
    const { exchange } = await runTestExchange({ pipeline: plain })
    exchange.principal = newPrincipal(principal)
    assert.equal((await plain.hooks[0]?.authorize?.(exchange))?.kind, 'next')
    assert.equal(store.asked, asked)
    exchange.principal = newPrincipal()
    for (let i = 0; i < 3; i++) assert.equal((await plain.hooks[0]?.authorize?.(exchange))?.kind, 'refuse')
    assert.equal(store.asked, asked + 2)
  })

  test('that cannot be read refuses whom only it could let in', async () => {
    for (const remote of [false, true]) {
      store.remote = remote
      store.failing = false
      const call = await createRoute({ roles: ['customer'] }, shop)
      store.given.push({ holder: alice, role: 'customer' })
      store.epoch++
      assert.equal((await call()).status, 200)
      store.readable = false
      assert.equal((await call()).status, 200, 'the store itself still answers')
      store.failing = true
      const { status, code, why } = await call()
      assert.deepEqual([status, code], [503, 'dependency_down'])
      assert.match(why, /the store could not be asked/)
      assert.equal((await call({ roles: ['admin'] })).status, 200)
      store.readable = true
    }
  })

  test('a caller of many groups asks a database for some of them at once', async () => {
    const groups = Array.from({ length: 200 }, (_, i) => `g${i}`)
    store.given.push({ holder: { kind: 'group', issuer, id: 'g199' }, role: 'admin' })
    store.remote = true
    let [open, most] = [0, 0]
    const rolesOf = store.rolesOf.bind(store)
    store.rolesOf = async (holder) => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setImmediate(resolve))
      open--
      return rolesOf(holder)
    }
    const call = await createRoute({ roles: ['admin'] }, { admin: {} })
    assert.equal((await call({ attributes: { groups } })).status, 200)
    assert.ok(most <= 8, String(most))
  })

  test('without it being asked again, no group beyond the bound gives a role', async () => {
    const groups = Array.from({ length: 5000 }, (_, i) => `g${i}`)
    store.given.push({ holder: { kind: 'group', issuer, id: 'g4000' }, role: 'customer' })
    const call = await createRoute({ roles: ['customer'] }, shop)
    assert.equal((await call({ attributes: { groups } })).status, 403)
    assert.ok(store.asked < 1100)
  })
})

describe('the policy file', () => {
  const errors = (roles: string, authorize: string) => {
    const result = compileSnapshot(`version: 1
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
listen: { http: { serve: true, reason: a test } }
roles:
${roles}
routes:
  - { path: /a, methods: [GET], upstream: shop, authenticate: [apiKey], authorize: ${authorize} }
`)
    return result.ok ? '' : formatErrors(result.errors)
  }
  const good =
    '  customer: { permissions: [orders:read, users:*] }\n  admin: { inherits: [customer], permissions: ["*:*"] }'

  test('with every name known is accepted', () => {
    assert.equal(errors(good, '{ roles: [admin], permissions: [orders:read, users:delete] }'), '')
  })

  test('with a name that no role has is refused, where it stands, with what was meant', () => {
    assert.match(
      errors(good, '{ roles: [admn] }'),
      /^portcullis\.yaml:8:\d+: there is no role "admn" under `roles`\. Did you mean "admin"\?/,
    )
    assert.match(
      errors(good, '{ permissions: [order:read] }'),
      /no role under `roles` has the permission "order:read"\. Did you mean "orders:read"\?/,
    )
    assert.match(errors(good, '{ methods: { GET: { roles: [admn] } } }'), /no role "admn"/)
    assert.match(
      errors(good, '{ methods: { PUT: { roles: [admin] } } }'),
      /names the method PUT, but the route is for GET/,
    )
  })

  test('with roles in a circle or unknown parents is refused with line and column', () => {
    const circle = errors('  a: { inherits: [b] }\n  b: { inherits: [c] }\n  c: { inherits: [a] }', '{ roles: [a] }')
    assert.match(circle, /^portcullis\.yaml:5:19: roles inherit in a circle: a → b → c → a/)
    assert.match(errors('  a: { inherits: [a] }', '{ roles: [a] }'), /5:19: roles inherit in a circle: a → a/)
    assert.match(
      errors('  admin: {}\n  b: { inherits: [admn] }', '{ roles: [b] }'),
      /6:19: there is no role "admn"\n {4}Did you mean "admin"\?/,
    )
    assert.match(errors('  a: { assign: [{ subject: x }] }', '{ roles: [a] }'), /issuer/)
  })
})

test('more rights weaken, fewer tighten', () => {
  const read = (value: unknown) => rolesBlock.parse(value)
  const effects = (before: unknown, after: unknown) => judgeRoles(read(before), read(after)).map(({ effect }) => effect)
  assert.deepEqual(effects({ a: {} }, { a: { permissions: ['x:y'] } }), ['weakens'])
  assert.deepEqual(effects({ a: { permissions: ['x:y'] } }, { a: {} }), ['tightens'])
  assert.deepEqual(effects({ a: {}, b: {} }, { a: { inherits: ['b'] }, b: {} }), ['weakens'])
  assert.deepEqual(effects({ a: {} }, { a: { assign: [{ issuer, group: 'x' }] } }), ['weakens'])
  assert.deepEqual(effects({}, { a: {} }), ['changes'])
})

test('the demands of permissions are roles that bring them', () => {
  const block = <T>() => rolesBlock.parse(shop) as T
  const demands = toDemands(schema.parse({ permissions: ['orders:write'], methods: { PUT: { scopes: ['s'] } } }), {
    block,
  })
  assert.deepEqual(demands, { roles: ['support'], scopes: ['s'] })
})

test('probes attack each method that asks for something', () => {
  const options = schema.parse({ methods: { DELETE: { roles: ['admin'] } } })
  const info = { id: 'r', path: '/a', methods: ['GET', 'DELETE'], hosts: [], upstream: 'shop', authenticated: true }
  const probes = rbac.probes(options, { route: info, path: '/a', method: 'GET', observe: false })
  const strangers = probes.flatMap(({ requests }) => requests.filter(({ as }) => as === 'stranger'))
  assert.deepEqual(
    strangers.map(({ method }) => method),
    ['DELETE'],
  )
  assert.deepEqual(checkOptions(options, { route: info, block: <T>() => undefined as T }), [])
})
