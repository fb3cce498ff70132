import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createTestPipeline, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { TestRoles } from '../../../test/support/roles.ts'
import { identified } from '../../core/decision.ts'
import { definePolicy } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { rolesBlock } from '../../roles/roles-block.ts'
import { apiKey } from '../api-key/index.ts'
import { objectRules } from './index.ts'
import { type ObjectOptions, options as schema } from './options.ts'

const issuer = 'https://login.example.com/'
const alice: Principal = {
  id: 'alice',
  kind: 'user',
  issuer,
  tenant: 'north',
  roles: [],
  scopes: [],
  attributes: { shops: ['a', 7], customer: 12 },
  credential: { policy: 'jwt', id: '1' },
  assurance: null,
  confirmation: null,
  proofOfPossession: null,
  expiresAt: null,
}
const roles = rolesBlock.parse({ support: {}, admin: { inherits: ['support'] } })

/** A route whose callers may reach their own objects only; `null` leaves the rule out. */
async function createRoute(object: unknown, store = new TestRoles(), mode?: 'observe') {
  let principal = alice
  const credential = definePolicy({
    ...apiKey,
    name: 'test',
    create: () => ({ identify: () => identified(principal) }),
  })
  const own = object === null ? [] : [{ policy: objectRules, options: { object }, ...(mode && { mode }) }]
  const pipeline = await createTestPipeline(
    [{ policy: credential }, ...own],
    { authenticated: true, path: '/users/{id}', methods: ['GET'] },
    { blocks: { roles, issuers: { main: { issuer } } }, ports: store.ports() },
  )
  return async (request: TestRequest = {}, caller: Partial<Principal> = {}) => {
    principal = { ...alice, ...caller }
    const result = await runTestExchange({ ...request, pipeline })
    const why = (await pipeline.hooks[1]?.explain?.(result.exchange)) ?? []
    return { ...result, why: why.join('\n') }
  }
}

const post = (body: string, headers = { 'content-type': 'application/json' }): TestRequest => ({
  method: 'POST',
  headers,
  body,
})

describe('a parameter of the path', () => {
  const rule = { param: 'id', equals: 'principal.id' }

  test('must be the caller, character by character', async () => {
    const call = await createRoute(rule)
    assert.equal((await call({ params: { id: 'alice' } })).status, 200)
    for (const id of [
      'bob',
      'Alice',
      'alice ',
      ' alice',
      'alic\u0435',
      'alice\0',
      'alice/',
      '',
      'alicé',
      '__proto__',
    ]) {
      const { status, code, forwarded } = await call({ params: { id } })
      assert.deepEqual([status, code, forwarded], [403, 'object_foreign', false], JSON.stringify(id))
    }
    assert.equal((await call({ params: {} })).code, 'object_missing')
  })

  test('is anybody’s without the rule', async () => {
    const call = await createRoute(null)
    assert.equal((await call({ params: { id: 'bob' } })).status, 200)
  })

  test('is nobody’s where the caller has no such claim, or an empty one', async () => {
    const tenant = await createRoute({ param: 'id', equals: 'principal.tenant' })
    assert.equal((await tenant({ params: { id: 'north' } })).status, 200)
    for (const value of [null, ''])
      assert.equal((await tenant({ params: { id: value ?? 'null' } }, { tenant: value })).status, 403)
    const attribute = await createRoute({ param: 'id', equals: 'principal.attributes.constructor' })
    assert.equal((await attribute({ params: { id: 'undefined' } })).status, 403)
  })

  test('may be one of a list, and numbers are compared as they are written', async () => {
    const call = await createRoute({ param: 'id', in: 'principal.attributes.shops' })
    for (const id of ['a', '7']) assert.equal((await call({ params: { id } })).status, 200, id)
    for (const id of ['b', '07', '7.0', '+7', 'a,7']) assert.equal((await call({ params: { id } })).status, 403, id)
    // A list is no value: `equals` would otherwise depend on how lists are written.
    const list = await createRoute({ param: 'id', equals: 'principal.attributes.shops' })
    assert.equal((await list({ params: { id: 'a,7' } })).status, 403)
  })

  test('of callers of another issuer is not theirs, where issuers are named', async () => {
    const call = await createRoute({ rules: [rule], issuers: ['main'] })
    assert.equal((await call({ params: { id: 'alice' } })).status, 200)
    assert.equal((await call({ params: { id: 'alice' } }, { issuer: 'https://other.example/' })).code, 'object_foreign')
  })

  test('holds for every pair of texts: passes exactly where they are equal', async () => {
    const call = await createRoute(rule)
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: 'binary', minLength: 1 }),
        async (id, own) => {
          assert.equal((await call({ params: { id } }, { id: own })).status, id === own ? 200 : 403)
          assert.equal((await call({ params: { id } }, { id })).status, 200)
        },
      ),
      { numRuns: 100 },
    )
  })
})

test('roles may be exempt, inherited ones and those of the store included', async () => {
  const store = new TestRoles()
  const call = await createRoute(
    { rules: [{ param: 'id', equals: 'principal.id' }], exempt: { roles: ['support'] } },
    store,
  )
  const other = { params: { id: 'bob' } }
  assert.equal((await call(other, { roles: ['admin'] })).status, 200)
  assert.match((await call(other, { roles: ['admin'] })).why, /exempt by one of the roles support/)
  assert.equal((await call(other, { roles: ['Support'] })).status, 403)
  store.given.push({ holder: { kind: 'principal', issuer, id: 'alice' }, role: 'support' })
  store.epoch++
  assert.equal((await call(other)).status, 200)
  store.failing = true
  store.epoch++
  assert.equal((await call(other)).status, 403)
  assert.equal((await call({ params: { id: 'alice' } })).status, 200)
})

describe('a query parameter', () => {
  test('must come once, and be the caller’s', async () => {
    const call = await createRoute({ query: 'tenant', equals: 'principal.tenant' })
    assert.equal((await call({ query: 'x=1&tenant=north' })).status, 200)
    assert.equal((await call({ query: 'tenant=south' })).code, 'object_foreign')
    assert.equal((await call({ query: '' })).code, 'object_missing')
    const wrong = [
      'tenant=north&tenant=south',
      'tenant=south&tenant=north',
      'tenant=north&Tenant=south',
      'tenant[]=north',
    ]
    for (const query of [...wrong, 'tenant=north&%74enant=south', 'tenant=north;tenant=south']) {
      assert.deepEqual([(await call({ query })).status, (await call({ query })).code], [400, 'object_ambiguous'], query)
    }
  })

  test('may be left out where the rule says so', async () => {
    const call = await createRoute({ query: 'tenant', equals: 'principal.tenant', optional: true })
    assert.equal((await call({})).status, 200)
    assert.equal((await call({ query: 'tenant=south' })).status, 403)
  })
})

describe('a value of the body', () => {
  test('must be the caller’s, and readable in one way', async () => {
    const call = await createRoute({ body: '/owner/id', equals: 'principal.id' })
    const own = await call(post('{"owner":{"id":"alice"}}'))
    assert.deepEqual([own.status, own.forwardedBody?.toString()], [200, '{"owner":{"id":"alice"}}'])
    assert.equal((await call(post('{"owner":{"id":"bob"}}'))).code, 'object_foreign')
    for (const body of ['{}', '{"owner":[]}', '[{"owner":{"id":"alice"}}]', '{"owner":"alice"}', '']) {
      assert.equal((await call(post(body))).code, 'object_missing', body)
    }
    const wrong = [
      '{"owner":{"id":"bob","id":"alice"}}',
      '{"owner":{"id":["alice"]}}',
      '{"owner":{"id":null}}',
      '{"owner":',
    ]
    for (const body of wrong) assert.equal((await call(post(body))).code, 'object_ambiguous', body)
    assert.equal(
      (await call(post('{"owner":{"id":"alice"}}', { 'content-type': 'text/plain' }))).code,
      'object_ambiguous',
    )
    const packed = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    assert.equal((await call(post('{"owner":{"id":"alice"}}', packed))).code, 'object_ambiguous')
  })

  test('that a program could find under a name in another case is ambiguous', async () => {
    // Go's encoding/json takes a member whatever its case, and the last one of them.
    const bodies = [
      '{"owner":{"id":"alice"},"Owner":{"id":"bob"}}',
      '{"owner":{"id":"alice","ID":"bob"}}',
      '{"OWNER":{"id":"bob"}}',
    ]
    for (const optional of [false, true]) {
      const call = await createRoute({ body: '/owner/id', equals: 'principal.id', optional })
      for (const body of bodies) assert.equal((await call(post(body))).code, 'object_ambiguous', body)
      assert.equal((await call(post('{"owner":{"id":"alice"},"other":{"ID":1,"id":2}}'))).status, 200)
    }
    const call = await createRoute({ body: '/task', equals: 'principal.id', optional: true })
    for (const body of ['{"ta\u017fk":"bob"}', '{"tas\u212a":"bob"}']) {
      assert.equal((await call(post(body))).code, 'object_ambiguous', body)
    }
  })

  test('that is a number is one that nobody can read as another', async () => {
    const call = await createRoute({ body: '/customer', equals: 'principal.attributes.customer' })
    for (const body of ['{"customer":12}', '{"customer":"12"}'])
      assert.equal((await call(post(body))).status, 200, body)
    assert.equal((await call(post('{"customer":13}'))).code, 'object_foreign')
    for (const body of [
      '{"customer":12.5}',
      '{"customer":9007199254740993}',
      '{"customer":1e400}',
      '{"customer":-0}',
    ]) {
      assert.equal((await call(post(body))).code, 'object_ambiguous', body)
    }
  })
})

describe('an answer', () => {
  const one = { answer: '/owner', equals: 'principal.id' }
  const answer = (body: string, more: TestRequest['upstream'] = {}): TestRequest => ({
    upstream: { body, headers: { 'content-type': 'application/json' }, ...more },
  })

  test('of somebody else is not shown, without a trace of it', async () => {
    const unprotected = await (await createRoute(null))(answer('{"owner":"bob","secret":1}'))
    assert.match(unprotected.body, /secret/)
    const call = await createRoute(one)
    assert.equal((await call(answer('{"owner":"alice"}'))).body, '{"owner":"alice"}')
    const { status, code, body, headers } = await call(
      answer('{"owner":"bob","secret":1}', {
        headers: [
          ['content-type', 'application/json'],
          ['x-owner', 'bob'],
          ['etag', '"1"'],
        ],
      }),
    )
    assert.deepEqual([status, code], [404, 'object_hidden'])
    assert.doesNotMatch(body + headers.flat.join(), /bob|secret|owner|etag/)
  })

  test('looks like that of an object that is not there', async () => {
    const call = await createRoute(one)
    const hidden = await call(answer('{"owner":"bob"}'))
    assert.match(hidden.body, /not-found/)
    const absent = await call(answer('{"message":"none"}', { status: 404 }))
    assert.equal(absent.status, 404)
  })

  test('that proves nothing is not shown', async () => {
    const call = await createRoute(one)
    const json = { 'content-type': 'application/json' }
    const cases: TestRequest['upstream'][] = [
      { body: '{}', headers: json },
      { body: '{"owner":["alice"]}', headers: json },
      { body: '{"owner":"bob","owner":"alice"}', headers: json },
      { body: '[{"owner":"alice"}]', headers: json },
      { body: 'owner: alice', headers: { 'content-type': 'text/plain' } },
      { body: '{"owner":"alice"}', headers: {} },
      { body: '{"owner":"alice"}', headers: { ...json, 'content-encoding': 'gzip' } },
      { body: '{"owner":"alice"}', headers: json, status: 206 },
      { body: null, headers: json, status: 304 },
      { body: null, headers: json, status: 204 },
      { body: null, headers: { location: '/x' }, status: 302 },
      { body: null, headers: json },
    ]
    for (const upstream of cases) {
      const { status, code } = await call({ upstream: upstream as NonNullable<TestRequest['upstream']> })
      assert.deepEqual([status, code], [404, 'object_unproven'], JSON.stringify(upstream))
    }
  })

  test('is asked for whole, and kept by nobody', async () => {
    const call = await createRoute(one)
    const headers = {
      range: 'bytes=0-1',
      'if-none-match': '"1"',
      'accept-encoding': 'gzip',
      if_none_match: '"1"',
      accept: '*/*',
    }
    const upstream = {
      body: '{"owner":"alice"}',
      headers: [
        ['content-type', 'application/json'],
        ['etag', '"1"'],
        ['cache-control', 'public'],
      ] as const,
    }
    const { exchange, headers: shown, status } = await call({ headers, upstream })
    assert.equal(status, 200)
    assert.deepEqual(exchange.headers.flat, ['accept', '*/*'])
    assert.deepEqual(exchange.upstreamFields, ['accept-encoding', 'identity'])
    assert.deepEqual([shown.get('etag'), shown.get('cache-control')], [undefined, 'private, no-store'])
  })

  test('to HEAD could not be checked', async () => {
    const { status, headers, forwarded } = await (await createRoute(one))({ method: 'HEAD' })
    assert.deepEqual([status, headers.get('allow'), forwarded], [405, 'GET', false])
  })

  test('may be a list, of which each element is looked at', async () => {
    const call = await createRoute({ ...one, each: '/items' })
    assert.equal((await call(answer('{"items":[]}'))).status, 200)
    assert.equal((await call(answer('{"items":[{"owner":"alice"},{"owner":"alice"}]}'))).status, 200)
    assert.equal((await call(answer('{"items":[{"owner":"alice"},{"owner":"bob"}]}'))).code, 'object_hidden')
    for (const body of ['{"items":[{"owner":"alice"},{}]}', '{"items":{}}', '{}', '{"items":[7]}']) {
      assert.equal((await call(answer(body))).code, 'object_unproven', body)
    }
    const whole = await createRoute({ ...one, each: '' })
    assert.equal((await whole(answer('[{"owner":"alice"}]'))).status, 200)
    assert.equal((await whole(answer('[{"owner":"alice"},{"owner":"bob"}]'))).status, 404)
  })

  test('is shown to roles that are exempt, and left alone in observe mode', async () => {
    const call = await createRoute({ rules: [one], exempt: { roles: ['support'] } })
    const seen = await call({ ...answer('{"owner":"bob"}'), headers: { range: 'x' } }, { roles: ['admin'] })
    assert.deepEqual([seen.status, seen.exchange.headers.has('range')], [200, true])
    const observed = await (await createRoute(one, undefined, 'observe'))(answer('{"owner":"bob"}'))
    assert.deepEqual(
      [observed.status, observed.exchange.observed],
      [200, [{ policy: 'object-rules', code: 'object_hidden' }]],
    )
  })
})

test('nobody is let in without a caller', async () => {
  const policies = [{ policy: objectRules, options: { object: { param: 'id', equals: 'principal.id' } } }]
  assert.equal((await runTestExchange({ policies, params: { id: 'alice' } })).status, 401)
})

describe('the policy file', () => {
  test('holds rules that say one thing', () => {
    const wrong: unknown[] = [
      {},
      [],
      { param: 'id' },
      { equals: 'principal.id' },
      { param: 'id', query: 'id', equals: 'principal.id' },
      { param: 'id', equals: 'principal.id', in: 'principal.attributes.x' },
      { param: 'id', equals: 'principal.roles' },
      { param: 'id', equals: 'alice' },
      { body: 'owner', equals: 'principal.id' },
      { param: 'id', equals: 'principal.id', each: '/x' },
      { param: 'id', equals: 'principal.id', optional: true },
      { rules: [{ param: 'id', equals: 'principal.id' }], exempt: { roles: [] } },
    ]
    for (const object of wrong) assert.equal(schema.safeParse({ object }).success, false, JSON.stringify(object))
  })

  const check = (object: unknown, route: object = {}) => {
    const info = {
      id: 'r',
      path: '/users/{id}',
      methods: ['GET'],
      hosts: [],
      upstream: 'x',
      authenticated: true,
      ...route,
    }
    const block = <T>(key: string) => (key === 'roles' ? roles : {}) as T
    return objectRules.check?.(schema.parse({ object }) as ObjectOptions, { route: info, block }) ?? []
  }

  test('is refused where a rule could not work', () => {
    assert.deepEqual(check({ param: 'id', equals: 'principal.id' }), [])
    assert.match(check({ param: 'ID', equals: 'principal.id' }).join(), /has no parameter .* "ID"/)
    const answer = { answer: '/owner', equals: 'principal.id' }
    assert.deepEqual(check(answer), [])
    for (const methods of [['GET', 'DELETE'], ['POST'], []]) {
      assert.match(check(answer, { methods }).join(), /for GET alone, .*: a write would have happened/)
    }
    const exempt = { rules: [answer], exempt: { roles: ['supprt'] } }
    assert.match(check(exempt).join(), /no role "supprt" .*Did you mean "support"\?/)
  })

  test('is warned of where ids of several issuers are one', () => {
    const block = <T>() => ({ a: { issuer: 'x' }, b: { issuer: 'y' } }) as T
    const route = { id: 'r', path: '/', methods: [], hosts: [], upstream: 'x', authenticated: true }
    const warn = (object: unknown) =>
      objectRules.warnings?.(schema.parse({ object }) as ObjectOptions, { route, block }) ?? []
    assert.equal(warn({ param: 'id', equals: 'principal.id' }).length, 1)
    assert.equal(warn({ rules: [{ param: 'id', equals: 'principal.id' }], issuers: ['a'] }).length, 0)
    assert.equal(warn({ param: 'id', equals: 'principal.tenant' }).length, 0)
  })
})

test('probes ask for what is nobody’s', () => {
  const route = { id: 'r', path: '/users/{id}', methods: ['GET'], hosts: [], upstream: 'x', authenticated: true }
  const options = schema.parse({
    object: [
      { param: 'id', equals: 'principal.id' },
      { query: 'q', equals: 'principal.id' },
    ],
  }) as ObjectOptions
  const probes = objectRules.probes(options, { route, path: '/users/x', method: 'GET', observe: false })
  assert.equal(probes.filter(({ kind }) => kind === 'attack').length, 4)
  assert.equal(objectRules.admits?.(options, '127.0.0.1'), false)
})

test('probes have answers come from behind that show objects of somebody else', () => {
  const route = { id: 'r', path: '/users', methods: ['GET'], hosts: [], upstream: 'x', authenticated: true }
  const bodies = (object: unknown) =>
    objectRules
      .probes(schema.parse({ object }) as ObjectOptions, { route, path: '/users', method: 'GET', observe: false })
      .flatMap(({ requests }) =>
        requests.flatMap(({ answer, as }) => (answer === undefined ? [] : `${as} ${answer.body}`)),
      )
  assert.deepEqual(bodies({ answer: '/owner/id', equals: 'principal.id' }), [
    'caller {"owner":{"id":"somebody-else"}}',
    'caller {"probe":"text"}',
    'caller "text"',
  ])
  const rules = [{ answer: '/owner', each: '/items', equals: 'principal.id' }]
  assert.equal(bodies({ rules, exempt: { roles: ['support'] } })[0], 'stranger {"items":[{"owner":"somebody-else"}]}')
})
