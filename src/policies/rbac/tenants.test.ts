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
import { tenantRolesBlock } from '../../roles/tenant-roles-block.ts'
import type { RoleHolder } from '../../stores/ports/role-store.ts'
import { apiKey } from '../api-key/index.ts'
import { toDemands } from './demands.ts'
import { rbac } from './index.ts'
import { judgeTenantRoles } from './judge-roles.ts'
import { options as schema } from './options.ts'

const issuer = 'https://login.example.com/t/north'
const alice: RoleHolder = { kind: 'principal', issuer, id: 'alice' }
let store = new TestRoles()

beforeEach(() => {
  store = new TestRoles()
})

const roles = { customer: { permissions: ['orders:read'] }, admin: { permissions: ['*:*'] } }
const tenants = {
  north: {
    roles: { editor: { inherits: ['customer'], permissions: ['orders:write'] }, 'é "x"\'|': {} },
    mayGrant: ['orders:*', 'stock:read'],
  },
  south: { roles: { editor: { permissions: ['stock:*'] }, auditor: { permissions: ['*:read'] } } },
  bare: {},
}

/** What a route that asks for these rights says to a caller of a tenant. */
async function createRoute(options: unknown, tenantRoles: unknown = tenants, deployment: unknown = roles) {
  let principal: Principal
  const credential = definePolicy({
    ...apiKey,
    name: 'test',
    create: () => ({ identify: () => identified(principal) }),
  })
  const blocks = { roles: rolesBlock.parse(deployment), tenantRoles: tenantRolesBlock.parse(tenantRoles), issuers: {} }
  const pipeline = await createTestPipeline(
    [{ policy: credential }, { policy: rbac, options }],
    { authenticated: true },
    { blocks, ports: store.ports() },
  )
  return async (tenant: string | null, values: Partial<Principal> = {}) => {
    const plain = {
      kind: 'user',
      assurance: null,
      confirmation: null,
      proofOfPossession: null,
      expiresAt: null,
    } as const
    const own = { id: 'alice', issuer, tenant, roles: [], scopes: [], attributes: {} }
    principal = { ...plain, ...own, credential: { policy: 'jwt', id: '1' }, ...values }
    const { status, exchange } = await runTestExchange({ pipeline })
    return { status, why: (await pipeline.hooks[1]?.explain?.(exchange))?.join('\n') ?? '' }
  }
}

type Call = Awaited<ReturnType<typeof createRoute>>

/** Who gets in, of those that call with a role in their credential. */
async function whoPasses(call: Call, role: string): Promise<(string | null)[]> {
  const passing: (string | null)[] = []
  for (const tenant of ['north', 'south', 'bare', 'east', '', '__proto__', 'constructor', null]) {
    if ((await call(tenant, { roles: [role] })).status === 200) passing.push(tenant)
  }
  return passing
}

describe('a role of a tenant in the file', () => {
  test('means at each tenant what that tenant says, and nothing elsewhere', async () => {
    assert.deepEqual(await whoPasses(await createRoute({ permissions: ['orders:write'] }), 'editor'), ['north'])
    assert.deepEqual(await whoPasses(await createRoute({ permissions: ['stock:write'] }), 'editor'), ['south'])
    assert.deepEqual(await whoPasses(await createRoute({ permissions: ['orders:read'] }), 'editor'), ['north'])
    // Were it a role of the deployment, as before, everybody who says it would pass.
    const shared = await createRoute({ permissions: ['stock:write'] }, {}, { ...roles, ...tenants.south.roles })
    assert.equal((await whoPasses(shared, 'editor')).length, 8)
  })

  test('opens by its name to callers of the tenants that have it', async () => {
    assert.deepEqual(await whoPasses(await createRoute({ roles: ['editor'] }), 'editor'), ['north', 'south'])
    assert.deepEqual(await whoPasses(await createRoute({ roles: ['auditor'] }), 'auditor'), ['south'])
    assert.deepEqual(await whoPasses(await createRoute({ roles: ['é "x"\'|'] }), 'é "x"\'|'), ['north'])
    const { why } = await (await createRoute({ roles: ['auditor'] }))('north', { roles: ['auditor'] })
    assert.match(why, /auditor \(the credential, but it is a role of other tenants\)/)
    const north = await (await createRoute({ permissions: ['orders:read'] }))('north', { roles: ['editor'] })
    assert.match(north.why, /editor → customer → orders:read \(the credential, of the tenant north\)/)
    // Without the file saying whose it is, the name alone opens, to everyone.
    assert.equal((await whoPasses(await createRoute({ roles: ['auditor'] }, {}), 'auditor')).length, 8)
  })

  test('is given by rules to callers of the tenant only', async () => {
    const given = { roles: { boss: { permissions: ['*:*'], assign: [{ issuer, group: 'chiefs' }] } } }
    const call = await createRoute({ permissions: ['a:b'] }, { north: given, south: {} })
    const attributes = { groups: ['chiefs'] }
    assert.match((await call('north', { attributes })).why, /rule 1 of tenantRoles\.north\.roles\.boss\.assign/)
    for (const [tenant, status] of [
      ['north', 200],
      ['south', 403],
      [null, 403],
    ] as const)
      assert.equal((await call(tenant, { attributes })).status, status, String(tenant))
  })

  test('leaves roles of the deployment to everybody', async () => {
    assert.equal((await whoPasses(await createRoute({ roles: ['customer'] }), 'customer')).length, 8)
  })
})

describe('a role of a tenant in the store', () => {
  const give = (tenant: string | undefined, role: string, holder = alice) => {
    store.given.push({ ...(tenant !== undefined && { tenant }), role, holder })
    store.epoch++
  }
  const define = (tenant: string | undefined, name: string, permissions: string[], inherits: string[] = []) => {
    store.definitions.push(newStoredRole(name, { ...(tenant !== undefined && { tenant }), permissions, inherits }))
    store.epoch++
  }

  test('gives what the file lets the tenant give, at once, and is gone at once', async () => {
    const call = await createRoute({ permissions: ['orders:delete'] })
    define('north', 'cleaner', ['orders:delete'])
    assert.equal((await call('north')).status, 403)
    give('north', 'cleaner')
    const { status, why } = await call('north')
    assert.equal(status, 200)
    assert.match(why, /cleaner → orders:delete \(the store, to the principal alice, of the tenant north\)/)
    for (const other of ['south', 'bare', 'east', null]) assert.equal((await call(other)).status, 403, String(other))
    store.given.pop()
    store.epoch++
    assert.equal((await call('north')).status, 403)
    // A credential may name it too.
    assert.deepEqual(await whoPasses(call, 'cleaner'), ['north'])
    store.definitions.pop()
    store.epoch++
    assert.deepEqual(await whoPasses(call, 'cleaner'), [])
  })

  test('gives nothing beyond that, whatever it says and inherits, in a circle too', async () => {
    define('north', 'god', ['*:*', 'stock:*', 'users:delete', '*:read'], ['admin', 'loop'])
    define('north', 'loop', [], ['god'])
    give('north', 'god')
    for (const permission of ['users:delete', 'stock:write', 'users:read', 'tenants:manage']) {
      const call = await createRoute({ permissions: [permission] })
      assert.equal((await call('north')).status, 403, permission)
      assert.equal((await call('north', { roles: ['god', 'loop'] })).status, 403, permission)
      // The same role of the deployment opens everything: the limit is what keeps it out.
      define(undefined, 'titan', ['*:*'])
      give(undefined, 'titan')
      assert.equal((await call('north')).status, 200)
      store.given.pop()
      store.definitions.pop()
    }
    define('bare', 'god', ['orders:read'])
    give('bare', 'god')
    assert.equal((await (await createRoute({ permissions: ['orders:read'] }))('bare')).status, 403)
  })

  test('opens nothing by its name: not what asks for another tenant’s, for the deployment’s, or for nobody’s', async () => {
    for (const name of ['auditor', 'admin', 'unheard-of']) {
      define('north', name, ['orders:read'])
      give('north', name)
      assert.equal((await (await createRoute({ roles: [name] }))('north')).status, 403, name)
    }
    // Nor does what it inherits.
    define('north', 'heir', [], ['admin', 'customer', 'editor'])
    give('north', 'heir')
    for (const name of ['admin', 'customer', 'editor'])
      assert.equal((await (await createRoute({ roles: [name] }))('north')).status, 403, name)
  })

  test('is no role of the deployment that the store had before the file named one of a tenant so', async () => {
    define(undefined, 'auditor', ['*:*'])
    give(undefined, 'auditor')
    assert.deepEqual(await whoPasses(await createRoute({ roles: ['auditor'] }), 'auditor'), ['south'])
    const call = await createRoute({ roles: ['auditor'] })
    assert.equal((await call('north')).status, 403)
    assert.equal((await call(null)).status, 403)
  })

  test('neither takes the place of one in the file nor widens what inherits it', async () => {
    define('north', 'editor', ['stock:read'])
    define('north', 'customer', ['stock:read'])
    give('north', 'editor')
    give('north', 'customer')
    const stock = await createRoute({ permissions: ['stock:read'] })
    assert.equal((await stock('north', { roles: ['customer', 'editor'] })).status, 403)
    assert.equal(
      (await (await createRoute({ permissions: ['orders:write'] }))('north')).status,
      200,
      'the file’s editor',
    )
    // A role of the deployment that inherits what is gone does not find the tenant's.
    define(undefined, 'clerk', [], ['gone'])
    define('north', 'gone', ['stock:read'])
    give(undefined, 'clerk')
    assert.equal((await stock('north')).status, 403)
  })

  test('of another tenant changes nothing for anybody else', async () => {
    const rights = [{ permissions: ['orders:read'] }, { permissions: ['stock:read'] }, { roles: ['editor'] }]
    const see = async () => {
      const seen: unknown[] = []
      for (const options of rights) {
        const call = await createRoute(options)
        for (const role of ['editor', 'customer', 'cleaner', 'ghost']) {
          for (const tenant of ['north', null]) seen.push((await call(tenant, { roles: [role] })).status)
        }
      }
      return seen
    }
    define('north', 'cleaner', ['orders:read'])
    const before = await see()
    for (const name of ['editor', 'customer', 'cleaner', 'ghost', 'admin']) {
      define('south', name, ['*:*'])
      give('south', name)
    }
    assert.deepEqual(await see(), before)
  })

  test('is held by a key and a client of the same name in one tenant only', async () => {
    const call = await createRoute({ permissions: ['orders:delete'] })
    define('north', 'cleaner', ['orders:delete'])
    define('south', 'cleaner', ['orders:delete'])
    const key = { issuer: 'portcullis', id: 'ann', credential: { policy: 'api-key', id: 'k1' } }
    give('north', 'cleaner', { kind: 'key', issuer: 'portcullis', id: 'k1' })
    give('north', 'cleaner', { kind: 'principal', issuer: 'portcullis', id: 'ann' })
    assert.equal((await call('north', key)).status, 200)
    assert.equal((await call('south', key)).status, 403)
    assert.equal((await call(null, key)).status, 403)
  })

  test('that cannot be read keeps out whom only it lets in', async () => {
    for (const remote of [false, true]) {
      store.remote = remote
      const call = await createRoute({ permissions: ['orders:write'] })
      store.failing = true
      store.epoch++
      assert.equal((await call('north')).status, 503)
      assert.equal((await call('north', { roles: ['editor'] })).status, 200, 'the file is enough')
      store.failing = false
    }
  })

  test('is not looked for where the file has no such tenant', async () => {
    const call = await createRoute({ permissions: ['orders:write'] })
    await call(null)
    const { asked } = store
    for (let i = 0; i < 50; i++) await call(`made-up-${i}`)
    assert.equal(store.asked, asked, 'made-up tenants cost nothing and fill nothing')
  })
})

describe('the policy file', () => {
  const errors = (tenantRoles: string, authorize = '{ roles: [customer] }', own = 'roles: { customer: {} }') => {
    const result = compileSnapshot(`version: 1
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
listen: { http: { serve: true, reason: a test } }
${own}
tenantRoles:
${tenantRoles}
routes:
  - { path: /a, methods: [GET], upstream: shop, authenticate: [apiKey], authorize: ${authorize} }
`)
    return result.ok ? '' : formatErrors(result.errors)
  }
  const good =
    '  north: { mayGrant: [stock:read], roles: { editor: { inherits: [customer], permissions: [orders:write] } } }'

  test('may ask for what only a tenant has, and for no name that nobody has', () => {
    assert.equal(errors(good, '{ roles: [editor], permissions: [orders:write, stock:read] }'), '')
    assert.equal(
      errors(good, '{ object: { param: id, equals: principal.id, exempt: { roles: [editor] } } }').includes('editor'),
      false,
    )
    assert.match(errors(good, '{ roles: [editr] }'), /there is no role "editr" under `roles`\. Did you mean "editor"\?/)
    assert.match(errors(good, '{ permissions: [stock:write] }'), /has the permission "stock:write"/)
  })

  test('with a name that two have, or one that another tenant has, is refused where it stands', () => {
    assert.match(
      errors('  north: { roles: { customer: {} } }'),
      /^portcullis\.yaml:6:\d+: "customer" is a role under `roles`: routes .*\n {4}Call it something else/,
    )
    const stranger = `${good}\n  south: { roles: { chief: { inherits: [editor] } } }`
    assert.match(errors(stranger), /^portcullis\.yaml:7:\d+: there is no role "editor"/)
    assert.match(
      errors(good, '{ roles: [customer] }', 'roles: { customer: { inherits: [editor] } }'),
      /no role "editor"/,
    )
    assert.match(errors('  north: { roles: { a: { inherits: [b] }, b: { inherits: [a] } } }'), /in a circle: a → b → a/)
    assert.match(errors('  north: { mayGrant: [everything] }'), /not a permission/)
    assert.match(errors('  north: { roles: { a: { tenant: south } } }'), /tenant/)
  })

  test('with names of the language holds them for names', () => {
    assert.equal(errors('  constructor: { roles: { toString: { permissions: [a:b] } } }', '{ permissions: [a:b] }'), '')
    assert.match(errors('  constructor: {}', '{ roles: [toString] }'), /there is no role "toString"/)
  })
})

test('the demands of a role that only a tenant has are those of a caller of that tenant', () => {
  const blocks = { roles: rolesBlock.parse(roles), tenantRoles: tenantRolesBlock.parse(tenants) }
  const block = <T>(key: string) => blocks[key as keyof typeof blocks] as T
  const demands = (options: unknown) => toDemands(schema.parse(options), { block })
  assert.deepEqual(demands({ roles: ['customer'] }), { roles: ['customer'], scopes: [] })
  assert.deepEqual(demands({ roles: ['auditor'] }), { roles: ['auditor'], scopes: [], tenant: 'south' })
  assert.deepEqual(demands({ roles: { all: ['customer', 'editor'] } }).tenant, 'north')
  const narrow = { roles: {}, tenantRoles: blocks.tenantRoles }
  const found = toDemands(schema.parse({ permissions: ['stock:write'] }), {
    block: <T>(key: string) => narrow[key as keyof typeof narrow] as T,
  })
  assert.deepEqual(found, { roles: ['editor'], scopes: [], tenant: 'south' })
})

test('more that tenants may give weakens', () => {
  const effects = (before: unknown, after: unknown) =>
    judgeTenantRoles(tenantRolesBlock.parse(before), tenantRolesBlock.parse(after)).map(({ effect }) => effect)
  assert.deepEqual(effects({ a: {} }, { a: { mayGrant: ['x:y'] } }), ['weakens'])
  assert.deepEqual(effects({ a: { mayGrant: ['x:y'] } }, { a: {} }), ['tightens'])
  assert.deepEqual(effects({ a: {} }, { a: { roles: { r: { permissions: ['x:y'] } } } }), ['weakens'])
  assert.deepEqual(effects({}, { a: {} }), ['changes'])
  assert.deepEqual(effects({}, { a: { mayGrant: ['x:y'] } }), ['weakens'])
})
