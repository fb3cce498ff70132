import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { createClientAuthority } from '../../../test/support/client-certificates.ts'
import { createTestPipeline, runTestExchange, type TestRequest } from '../../../test/support/exchange.ts'
import { TestRoles } from '../../../test/support/roles.ts'
import { identified } from '../../core/decision.ts'
import { definePolicy, type FileReader } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { rolesBlock } from '../../roles/roles-block.ts'
import { apiKey } from '../api-key/index.ts'
import { checkOptions } from './check-options.ts'
import { gatherPolicySets } from './gather.ts'
import { abac } from './index.ts'
import { type AbacOptions, options as schema } from './options.ts'
import { policySetsBlock } from './policy-sets-block.ts'

const issuer = 'https://login.example.com/'
let store = new TestRoles()

beforeEach(() => {
  store = new TestRoles()
})

/** Files in memory. */
function gather(files: Readonly<Record<string, string>>, set: object = { policies: ['a.cedar'] }) {
  const reader: FileReader = {
    resolve: (path) => `/${path}`,
    read: async (path) => {
      const text = files[path]
      return text === undefined ? { problem: 'there is no such file' } : { text }
    },
  }
  return gatherPolicySets(<T>() => policySetsBlock.parse({ orders: set }) as T, reader)
}

interface RouteOptions {
  readonly policies: string
  readonly options?: unknown
  readonly entities?: unknown
  readonly roles?: unknown
  readonly now?: () => number
}

async function createRoute({ policies, options = { policy: 'orders' }, entities, roles = {}, now }: RouteOptions) {
  let principal: Principal
  const credential = definePolicy({
    ...apiKey,
    name: 'test',
    create: () => ({ identify: () => identified(principal) }),
  })
  const { blocks, problems } = await gather(
    { 'a.cedar': policies, 'e.json': JSON.stringify(entities ?? []) },
    { policies: ['a.cedar'], entities: 'e.json' },
  )
  assert.deepEqual(problems, [])
  const pipeline = await createTestPipeline(
    [{ policy: credential }, { policy: abac, options }],
    { authenticated: true, path: '/orders/{id}' },
    { blocks: { ...blocks, roles: rolesBlock.parse(roles) }, ports: store.ports(), ...(now && { now }) },
  )
  const call = async (caller: Partial<Principal> = {}, request: TestRequest = {}) => {
    principal = { ...alice, ...caller }
    const result = await runTestExchange({ params: { id: '7' }, path: '/orders/7', ...request, pipeline })
    const why = (await pipeline.hooks[1]?.explain?.(result.exchange)) ?? []
    return { ...result, detail: result.exchange.refusal?.detail ?? '', why: why.join('\n') }
  }
  return Object.assign(call, { pipeline })
}

const alice: Principal = {
  id: 'alice',
  kind: 'user',
  issuer,
  tenant: 'north',
  roles: [],
  scopes: [],
  attributes: {},
  credential: { policy: 'jwt', id: '1' },
  assurance: null,
  confirmation: null,
  proofOfPossession: null,
  expiresAt: null,
}

const json = (body: string): TestRequest => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body })

describe('policies', () => {
  test('permit what they say, and nothing else', async () => {
    const call = await createRoute({
      policies:
        '@id("own") permit(principal, action == Action::"GET", resource) when { resource.params.id == principal.id };',
    })
    const own = await call({ id: '7' })
    assert.equal(own.status, 200)
    assert.deepEqual(own.exchange.reasons, ['own'])
    assert.match(own.why, /policy set orders: permitted by own/)
    const head = await call({ id: '7' }, { method: 'HEAD' })
    assert.equal(head.status, 200)
    for (const [caller, request] of [
      [{ id: '8' }, {}],
      [{ id: '7' }, { method: 'DELETE' }],
    ] as const) {
      const { status, code, detail, forwarded } = await call(caller, request)
      assert.deepEqual([status, code, forwarded, detail], [403, 'policy_denied', false, 'no policy permits it'])
    }
  })

  test('that forbid win, and are named in the log and not to the caller', async () => {
    const call = await createRoute({
      policies: `permit(principal, action, resource);
        @id("secret-name") forbid(principal, action, resource) when { context.address.isInRange(ip("192.0.2.0/24")) };`,
    })
    const { status, detail, body } = await call()
    assert.deepEqual([status, detail], [403, 'forbidden by secret-name'])
    assert.doesNotMatch(body, /secret-name/)
    assert.equal((await call({}, { client: '2001:db8::1' })).status, 200)
  })

  test('that fail let nobody in, though the engine alone would', async () => {
    const policies =
      'permit(principal, action, resource); forbid(principal, action, resource) when { principal.attributes.banned };'
    const { blocks } = await gather({ 'a.cedar': policies })
    const { isAuthorized } = await import('@cedar-policy/cedar-wasm/nodejs')
    const [uid, attrs] = [{ type: 'User', id: 'x' }, { attributes: {} }]
    const answer = isAuthorized({
      ...{ principal: uid, action: { type: 'Action', id: 'GET' }, resource: uid, context: {} },
      policies: { staticPolicies: policies },
      entities: [{ uid, attrs, parents: [] }],
    })
    assert.ok(answer.type === 'success' && answer.response.decision === 'allow', 'the attack works without the check')
    assert.ok('policySets' in blocks)
    const { status, code, detail } = await (await createRoute({ policies }))()
    assert.deepEqual([status, code], [403, 'policy_error'])
    assert.match(detail, /a\.cedar#2: .*banned/)
  })

  test('see roles with what they inherit, from the store as well, and the change of them at once', async () => {
    const call = await createRoute({
      policies: 'permit(principal in Role::"support", action, resource) when { principal.roles.contains("customer") };',
      roles: { customer: {}, support: { inherits: ['customer'] }, admin: { inherits: ['support'] } },
    })
    assert.equal((await call({ roles: ['admin'] })).status, 200)
    assert.equal((await call({ roles: ['customer'] })).status, 403)
    const assignment = { holder: { kind: 'principal' as const, issuer, id: 'alice' }, role: 'support' }
    store.given.push(assignment)
    store.epoch++
    assert.equal((await call()).status, 200)
    store.given.pop()
    store.epoch++
    assert.equal((await call()).status, 403)
    store.failing = true
    store.epoch++
    assert.deepEqual([(await call({ roles: ['admin'] })).status], [503])
  })

  test('see entities that the file names, under what the request says', async () => {
    const call = await createRoute({
      policies: 'permit(principal in Team::"a", action, resource in Folder::"f") when { principal.level > 2 };',
      options: { policy: { set: 'orders', resource: { type: 'Order', param: 'id' } } },
      entities: [
        {
          uid: { type: 'User', id: `${issuer}|alice` },
          attrs: { level: 3, id: 'bob' },
          parents: [{ type: 'Team', id: 'a' }],
        },
        { uid: { type: 'Order', id: '7' }, attrs: {}, parents: [{ type: 'Folder', id: 'f' }] },
      ],
    })
    assert.equal((await call()).status, 200)
    assert.equal((await call({ id: 'bob' })).status, 403)
    assert.equal((await call({}, { params: { id: '8' } })).status, 403)
  })
})

describe('what policies get to see', () => {
  test('is the query, fields, time and certificate where they are asked for', async () => {
    let now = 1_800_000_000_999
    const call = await createRoute({
      policies: `permit(principal, action == Action::"view", resource) when {
        context.query.kind == "a b" && context.headers["x-kind"] == "c" && context.time == 1800000000 && context has certificate };`,
      options: { policy: { set: 'orders', action: 'view', query: ['kind'], headers: ['X-Kind'], time: true } },
      now: () => now,
    })
    const { x509 } = await (await createClientAuthority()).issue({})
    const raw = Buffer.from(x509.rawData)
    const good: TestRequest = {
      query: 'kind=a%20b',
      headers: { 'x-kind': 'c' },
      clientCertificate: { raw, thumbprint: 't', trusted: true },
    }
    assert.equal((await call({}, good)).status, 200)
    assert.equal((await call({}, { ...good, query: 'kind=x' })).status, 403)
    const untrusted = { raw: new Uint8Array(), thumbprint: 't', trusted: false }
    assert.equal((await call({}, { ...good, clientCertificate: untrusted })).status, 403)
    for (const query of ['kind=a%20b&kind=x', 'kind=a%20b&KIND=x', 'kind[]=a%20b']) {
      assert.deepEqual([(await call({}, { ...good, query })).code], ['policy_input'], query)
    }
    const twice = [
      ['x-kind', 'c'],
      ['x-kind', 'd'],
    ] as const
    assert.equal((await call({}, { ...good, headers: twice })).code, 'policy_input')
    now += 1
    assert.equal((await call({}, good)).status, 403, 'a second later it is another question')
  })

  test('is the JSON body where it is asked for, and only one that can be read in one way', async () => {
    const options = { policy: { set: 'orders', body: true } }
    const call = await createRoute({
      policies: 'permit(principal, action, resource) when { context.body.owner == principal.id };',
      options,
    })
    const good = await call({}, json('{"owner":"alice","n":null}'))
    assert.deepEqual([good.status, good.forwardedBody?.toString()], [200, '{"owner":"alice","n":null}'])
    assert.equal((await call({}, json('{"owner":"bob"}'))).code, 'policy_denied')
    const wrong = [
      '{"owner":"bob","owner":"alice"}',
      '{"owner":"alice","items":[{"a":1,"A":2}]}',
      '{"owner":"alice","n":1.5}',
      '{"owner":"alice"',
      `${'['.repeat(100)}`,
    ]
    for (const body of wrong) assert.deepEqual((await call({}, json(body))).code, 'policy_input', body)
    const text = { ...json('{"owner":"alice"}'), headers: { 'content-type': 'text/plain' } }
    // Some bytes are JSON as they are and something else once they are decompressed.
    const compressed = {
      ...text,
      headers: { 'content-type': 'application/json', 'content-encoding': 'deflate' },
    }
    assert.equal((await call({}, compressed)).code, 'policy_input')
    assert.equal((await call({}, text)).code, 'policy_input')
    assert.equal((await call({}, { method: 'POST' })).code, 'policy_error', 'no body at all')
  })

  test('is never an entity because a caller writes it so', async () => {
    const policies = 'permit(principal, action, resource) when { context.body.by in Role::"admin" };'
    const { isAuthorized } = await import('@cedar-policy/cedar-wasm/nodejs')
    const uid = { type: 'User', id: 'x' }
    const attack = { by: { __entity: { type: 'Role', id: 'admin' } } }
    const answer = isAuthorized({
      ...{ principal: uid, action: { type: 'Action', id: 'POST' }, resource: uid, context: { body: attack } },
      policies: { staticPolicies: policies },
      entities: [],
    })
    assert.ok(answer.type === 'success' && answer.response.decision === 'allow', 'the attack works without the check')
    const call = await createRoute({ policies, options: { policy: { set: 'orders', body: true } } })
    const { code, detail } = await call({}, json(JSON.stringify(attack)))
    assert.equal(code, 'policy_input')
    assert.match(detail, /__entity/)
    const inToken = await call({ attributes: { x: [{ __extn: { fn: 'ip', arg: '1.1.1.1' } }] } }, json('{}'))
    assert.equal(inToken.code, 'policy_input')
  })
})

test('a question that was asked before is answered from memory, and every other is not', async () => {
  const call = await createRoute({ policies: 'permit(principal, action, resource) when { principal.id == "alice" };' })
  const hits = () => call.pipeline.gauges.get('portcullis_abac_cache_hits_total{set="orders"}')?.() ?? -1
  await call()
  const before = hits()
  assert.equal((await call()).status, 200)
  assert.ok(hits() > before)
  assert.equal((await call({ id: 'bob' })).status, 403)
  assert.equal((await call({ tenant: null })).status, 200)
})

test('nobody is let in without a caller, and a set that was not read stops the start', async () => {
  const { blocks } = await gather({ 'a.cedar': 'permit(principal, action, resource);' })
  const policies = [{ policy: abac, options: { policy: 'orders' } }]
  const { status } = await runTestExchange({ policies, blocks, ports: store.ports() })
  assert.equal(status, 401)
  const unread = policySetsBlock.parse({ orders: { policies: ['a.cedar'] } })
  await assert.rejects(createTestPipeline(policies, {}, { blocks: { policySets: unread } }), /were not read/)
})

describe('files', () => {
  const problems = async (text: string, set?: object, more: Record<string, string> = {}) =>
    (await gather({ 'a.cedar': text, ...more }, set)).problems.map(
      ({ file, line, column, message, hint }) =>
        `${file}:${line}:${column}: ${message}${hint === null ? '' : ` (${hint})`}`,
    )
  const shop = `entity User { id: String }; entity Resource; action GET appliesTo { principal: [User], resource: [Resource], context: { n?: Long } };`

  test('with mistakes are refused with line and column', async () => {
    const [syntax] = await problems('// ü\npermit(principal, action, resource)\n  whe { true };')
    assert.match(syntax ?? '', /^a\.cedar:3:3: .*invalid policy condition: whe \(condition must be/)
    const [template] = await problems('\npermit(principal == ?principal, action, resource);')
    assert.match(template ?? '', /^a\.cedar:2:1: a template/)
    const twice = '@id("x")\npermit(principal, action, resource);\n@id("x")\nforbid(principal, action, resource);'
    assert.deepEqual(await problems(twice), ['a.cedar:3:1: there are two policies with the id "x"'])
  })

  test('are validated against a schema', async () => {
    const set = { policies: ['a.cedar'], schema: 's.cedarschema' }
    const valid = 'permit(principal, action, resource) when { principal.id == "x" };'
    assert.deepEqual(await problems(valid, set, { 's.cedarschema': shop }), [])
    const [wrong] = await problems('\npermit(principal, action, resource)\nwhen { principal.name == "x" };', set, {
      's.cedarschema': shop,
    })
    assert.match(wrong ?? '', /^a\.cedar:3:8: .*name/)
    const [optional] = await problems('permit(principal, action, resource) when { context.n > 1 };', set, {
      's.cedarschema': shop,
    })
    assert.match(optional ?? '', /optional attribute `n`.*try testing/)
    const [schemaError] = await problems(valid, set, { 's.cedarschema': 'entity X {' })
    assert.match(schemaError ?? '', /^s\.cedarschema:1:11: /)
    assert.deepEqual(
      await problems(valid, { policies: ['a.cedar'], schema: 's.json' }, { 's.json': '{}}' }).then((all) => all.length),
      1,
    )
  })

  test('that are missing are named, and entities are checked', async () => {
    assert.deepEqual(await problems('', { policies: ['b.cedar'] }), ['b.cedar:null:1: there is no such file'])
    const set = { policies: ['a.cedar'], entities: 'e.json' }
    assert.match((await problems('', set, { 'e.json': '{}' })).join(), /must be a list of at most 1000/)
    assert.match((await problems('', set, { 'e.json': '[{"uid":7}]' })).join(), /^e\.json:null:1: /)
  })

  test('keep the order of many policies, in ids and lines', async () => {
    const text = Array.from(
      { length: 25 },
      (_, i) => `permit(principal, action, resource) when { context.n == ${i} };`,
    ).join('\n')
    const { blocks } = await gather({ 'a.cedar': text })
    const { policies } = (blocks.policySets as { orders: { gathered: { policies: Record<string, string> } } }).orders
      .gathered
    assert.equal(Object.keys(policies).length, 25)
    for (let i = 0; i < 25; i++) assert.match(policies[`a.cedar#${i + 1}`] ?? '', new RegExp(`== ${i} \\}`))
  })
})

test('a reload that changes the entities alone takes no policies away', async () => {
  const policies = 'permit(principal, action, resource) when { resource.open };'
  const entities = (open: boolean) => [{ uid: { type: 'Resource', id: '/orders/7' }, attrs: { open }, parents: [] }]
  const before = await createRoute({ policies, entities: entities(false) })
  assert.equal((await before()).code, 'policy_denied')
  const after = await createRoute({ policies, entities: entities(true) })
  before.pipeline.dispose()
  assert.equal((await after()).code, null)
})

test('an entity of another type is not the resource, however the caller writes its id', async () => {
  const call = await createRoute({
    policies: 'permit(principal, action, resource) when { resource has open };',
    options: { policy: { set: 'orders', resource: { type: 'Doc', param: 'id' } } },
    entities: [{ uid: { type: 'Doc::Draft', id: '7' }, attrs: { open: true }, parents: [] }],
  })
  assert.equal((await call({}, { params: { id: 'Draft::7' } })).code, 'policy_denied')
})

test('names that nothing declares are errors', () => {
  const route = { id: 'r', path: '/orders/{id}', methods: [], hosts: [], upstream: 'x', authenticated: true }
  const block = <T>() => policySetsBlock.parse({ orders: { policies: ['a'] } }) as T
  const check = (policy: unknown) => checkOptions(schema.parse({ policy }) as AbacOptions, { route, block })
  assert.deepEqual(check({ set: 'orders', resource: { param: 'id' } }), [])
  assert.match(check('order').join(), /no policy set "order" under `policySets`\. Did you mean "orders"\?/)
  assert.match(check({ set: 'orders', resource: { param: 'ID' } }).join(), /has no parameter "ID"/)
  for (const policy of ['', {}, { set: 'a', body: 1 }, { set: 'a', x: 1 }, ['a']]) {
    assert.equal(schema.safeParse({ policy }).success, false, JSON.stringify(policy))
  }
})

test('the engine starts in worker threads', async () => {
  const source = `import { parentPort } from 'node:worker_threads'
    const { getCedarVersion } = await import(${JSON.stringify(import.meta.resolve('@cedar-policy/cedar-wasm/nodejs'))})
    parentPort.postMessage(getCedarVersion())`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
  const version = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
  assert.match(String(version), /^\d+\.\d+/)
})

test('a set that is retired takes nothing from the same one that follows it', async () => {
  const policies = 'permit(principal, action, resource);'
  const before = await createRoute({ policies })
  assert.equal((await before()).status, 200)
  const after = await createRoute({ policies, entities: [{ uid: { type: 'User', id: 'a' }, attrs: {}, parents: [] }] })
  before.pipeline.dispose()
  assert.equal((await after()).status, 200)
})

test('policies see the names of a trusted certificate', async () => {
  const authority = await createClientAuthority()
  const leaf = await authority.issue({ subject: 'CN=reports', names: [{ type: 'url', value: 'spiffe://a/reports' }] })
  const call = await createRoute({
    policies: `permit(principal, action, resource) when { context has certificate &&
      context.certificate.uris.contains("spiffe://a/reports") && context.certificate.subject == "CN=reports" };`,
  })
  const clientCertificate = { raw: Buffer.from(leaf.x509.rawData), thumbprint: 'x', trusted: true }
  assert.equal((await call({}, { clientCertificate })).status, 200)
  assert.equal((await call({}, { clientCertificate: { ...clientCertificate, trusted: false } })).status, 403)
  assert.equal((await call()).status, 403)
})
