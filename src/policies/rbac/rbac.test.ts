import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseTestOptions, runTestExchange } from '../../../test/support/exchange.ts'
import { TestRoles } from '../../../test/support/roles.ts'
import { identified } from '../../core/decision.ts'
import { definePolicy } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { apiKey } from '../api-key/index.ts'
import { clausesOf, satisfies } from './clauses.ts'
import { compose } from './compose.ts'
import { toDemands } from './demands.ts'
import { rbac } from './index.ts'
import type { RbacOptions } from './options.ts'

const read = (options: unknown) => parseTestOptions(rbac, options) as RbacOptions

function createPrincipal(roles: readonly string[], scopes: readonly string[] = []): Principal {
  return {
    id: 'customer-1',
    kind: 'user',
    issuer: 'https://login.example.com',
    tenant: null,
    roles,
    scopes,
    attributes: {},
    credential: { policy: 'test', id: '1' },
    assurance: null,
    confirmation: null,
    proofOfPossession: null,
    expiresAt: null,
  }
}

/** A route that asks for these rights, called by someone who holds those. */
function call(options: unknown, roles: readonly string[], scopes: readonly string[] = [], mode?: 'observe') {
  const credential = definePolicy({
    ...apiKey,
    name: 'test',
    create: () => ({ identify: () => identified(createPrincipal(roles, scopes)) }),
  })
  return runTestExchange({
    policies: [{ policy: credential }, { policy: rbac, options, ...(mode && { mode }) }],
    route: { authenticated: true },
    ports: new TestRoles().ports(),
  })
}

describe('roles', () => {
  test('of a list, one is enough', async () => {
    const options = { roles: ['customer', 'admin'] }
    assert.equal((await call(options, ['admin'])).status, 200)
    assert.equal((await call(options, ['guest', 'customer'])).status, 200)
    for (const roles of [[], ['guest'], ['Admin'], ['admin '], ['adm'], ['customer,admin'], ['*'], ['']]) {
      const { status, code, forwarded, exchange } = await call(options, roles)
      assert.deepEqual([status, code, forwarded], [403, 'role_missing', false], String(roles))
      assert.equal(exchange.decidedBy, 'rbac')
    }
  })

  test('may be asked for together', async () => {
    const options = { roles: { all: ['a', 'b'], any: ['x', 'y'] } }
    assert.equal((await call(options, ['y', 'b', 'a'])).status, 200)
    for (const roles of [['a', 'b'], ['a', 'x'], ['x', 'y'], []]) assert.equal((await call(options, roles)).status, 403)
  })

  test('and the answer names none of them', async () => {
    const { body, headers } = await call({ roles: ['secret-role'] }, ['guest'])
    assert.doesNotMatch(body + headers.flat.join(), /secret-role/)
    assert.equal(headers.has('www-authenticate'), false)
  })
})

describe('scopes', () => {
  test('of a list, each is needed, and the answer says which', async () => {
    const options = { scopes: ['orders:read', 'orders:write'] }
    assert.equal((await call(options, [], ['orders:write', 'orders:read', 'other'])).status, 200)
    for (const scopes of [[], ['orders:read'], ['orders'], ['orders:read orders:write']]) {
      const { status, code, headers } = await call(options, [], scopes)
      assert.deepEqual([status, code], [403, 'scope_missing'], String(scopes))
      const challenge = 'Bearer error="insufficient_scope", scope="orders:read orders:write"'
      assert.deepEqual(headers.all('www-authenticate'), [challenge])
    }
  })

  test('may be alternatives', async () => {
    const options = { scopes: { any: ['a', 'b'] } }
    assert.equal((await call(options, [], ['b'])).status, 200)
    assert.equal((await call(options, [], ['c'])).status, 403)
  })

  test('and roles are both needed where both are named, and are not each other', async () => {
    const options = { roles: ['admin'], scopes: ['admin'] }
    assert.equal((await call(options, ['admin'], ['admin'])).status, 200)
    assert.equal((await call(options, ['admin'], [])).code, 'scope_missing')
    assert.equal((await call(options, [], ['admin'])).code, 'role_missing')
  })
})

test('without the policy, a caller without rights passes', async () => {
  const credential = definePolicy({
    ...apiKey,
    create: () => ({ identify: () => identified(createPrincipal([])) }),
  })
  const result = await runTestExchange({ policies: [{ policy: credential }], route: { authenticated: true } })
  assert.equal(result.status, 200)
})

test('fails closed: without a principal nobody passes, whatever is asked for', async () => {
  for (const options of [{ roles: ['a'] }, { scopes: ['a'] }, {}]) {
    const { status, forwarded } = await runTestExchange({
      policies: [{ policy: rbac, options }],
      ports: new TestRoles().ports(),
    })
    assert.deepEqual([status, forwarded], [401, false])
  }
})

test('observe mode lets pass and records', async () => {
  const { status, exchange } = await call({ roles: ['admin'] }, ['guest'], [], 'observe')
  assert.equal(status, 200)
  assert.deepEqual(exchange.observed, [{ policy: 'rbac', code: 'role_missing' }])
})

test('names of the language are names like others', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.equal((await call({ roles: ['admin'] }, [name])).status, 403)
    assert.equal((await call({ roles: [name] }, [])).status, 403)
    assert.equal((await call({ roles: [name] }, [name])).status, 200)
  }
})

test('bad configuration is refused', () => {
  const wrong = [
    { roles: [] },
    { roles: {} },
    { roles: { any: [] } },
    { roles: [''] },
    { roles: 'admin' },
    { roles: { one: ['a'] } },
    { roles: [7] },
    { scopes: ['a b'] },
    { scopes: ['a"b'] },
    { scopes: ['a\nb'] },
    { role: ['a'] },
  ]
  for (const options of wrong) assert.equal(rbac.options.safeParse(options).success, false, JSON.stringify(options))
})

describe('inheritance', () => {
  const cases: [inherited: unknown, own: unknown, result: 'tighter' | 'both'][] = [
    [{ roles: ['a', 'b'] }, { roles: ['a'] }, 'tighter'],
    [{ roles: ['a', 'b'] }, { roles: ['a', 'b'] }, 'tighter'],
    [{ roles: ['a', 'b'] }, { roles: { all: ['b', 'c'] } }, 'tighter'],
    [{ scopes: ['a'] }, { scopes: ['a', 'b'] }, 'tighter'],
    [{ scopes: ['a'] }, { scopes: ['a'], roles: ['x'] }, 'tighter'],
    [{ roles: ['a'] }, { roles: ['a', 'b'] }, 'both'],
    [{ roles: ['a'] }, { roles: ['b'] }, 'both'],
    [{ roles: ['a'] }, { scopes: ['a'] }, 'both'],
    [{ scopes: ['a', 'b'] }, { scopes: ['a'] }, 'both'],
    [{ scopes: { any: ['a', 'b'] } }, { scopes: { any: ['a', 'c'] } }, 'both'],
  ]
  test('own demands stand alone only where they are at least as strict', () => {
    for (const [inherited, own, result] of cases) {
      assert.equal(compose(read(inherited), read(own)), result, JSON.stringify([inherited, own]))
    }
  })

  test('never lets in anyone whom the inherited demands keep out', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
    const requirement = fc.oneof(names, fc.record({ any: names }), fc.record({ all: names, any: names }))
    const options = fc.record({ roles: requirement, scopes: requirement }, { requiredKeys: [] })
    const held = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'))
    const passes = (own: RbacOptions, roles: readonly string[], scopes: readonly string[]) => {
      const clauses = clausesOf(own, 'GET')
      return satisfies(new Set(roles), clauses.roles) && satisfies(new Set(scopes), clauses.scopes)
    }
    fc.assert(
      fc.property(options, options, held, held, (first, second, roles, scopes) => {
        const [inherited, own] = [read(first), read(second)]
        if (compose(inherited, own) !== 'tighter') return
        if (passes(own, roles, scopes)) assert.ok(passes(inherited, roles, scopes))
      }),
      { numRuns: 1000 },
    )
  })
})

test('the demands are enough to pass', async () => {
  for (const options of [{ roles: ['a', 'b'] }, { roles: { any: ['a', 'b'], all: ['c'] }, scopes: ['s', 't'] }, {}]) {
    const { roles, scopes } = toDemands(read(options), { block: <T>() => undefined as T })
    assert.equal((await call(options, roles, scopes)).status, 200, JSON.stringify(options))
  }
})

test('the probes expect what the policy answers, and in observe mode that attacks pass', async () => {
  const options = read({ roles: ['admin'] })
  const target = { origin: 'route', path: '/orders', method: 'GET', observe: false } as const
  const { exchange } = await call({ roles: ['admin'] }, ['admin'])
  const [honest, stranger, nobody] = rbac.probes(options, { ...target, route: exchange.route })
  assert.deepEqual([honest?.kind, stranger?.requests[0]?.as, nobody?.requests[0]?.as], ['honest', 'stranger', 'none'])
  assert.deepEqual(stranger?.expect.status, [(await call({ roles: ['admin'] }, [])).status])
  const observed = rbac.probes(options, { ...target, route: exchange.route, observe: true })
  assert.equal(observed[1]?.expect.outcome, 'passed')
})
