import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { createTestPipeline, runTestExchange } from '../../../test/support/exchange.ts'
import { TestRoles } from '../../../test/support/roles.ts'
import { identified } from '../../core/decision.ts'
import { definePolicy } from '../../core/policy.ts'
import { outboundPort } from '../../outbound/outbound.ts'
import { createOutboundClient } from '../../outbound/outbound-client.ts'
import { rolesBlock } from '../../roles/roles-block.ts'
import { apiKey } from '../api-key/index.ts'
import { gatherPolicySets } from './gather.ts'
import { abac } from './index.ts'
import { policySetsBlock } from './policy-sets-block.ts'

const reason = 'the server of this test'
const policies = 'permit(principal, action, resource) when { resource has owner && resource.owner == principal.id };'
let answer: RequestListener
let asked: (string | undefined)[]
let skippedMs: number
let url: string
const close: (() => unknown)[] = []

const owns = (owner: string) => [
  { uid: { type: 'Order', id: '7' }, attrs: { owner }, parents: [] },
  { uid: { __entity: { type: 'Order', id: '8' } }, attrs: { owner: 'bob' }, parents: [] },
]
const give =
  (value: unknown): RequestListener =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
const fail: RequestListener = (_request, response) => response.writeHead(500).end()

beforeEach(async () => {
  asked = []
  skippedMs = 0
  answer = give(owns('alice'))
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/entities`
  close.push(() => server.close())
})
afterEach(async () => {
  for (const each of close.splice(0)) await each()
})

async function createRoute(own: Record<string, unknown> = {}) {
  const entities = { url, allowPlainHttp: { reason }, allowPrivateAddress: { reason }, ttl: '10s', ...own }
  const block = policySetsBlock.parse({ orders: { policies: ['a.cedar'], entities } })
  const reader = { resolve: (path: string) => path, read: async () => ({ text: policies }) }
  const { blocks, problems } = await gatherPolicySets(<T>() => block as T, reader)
  assert.deepEqual(problems, [])
  const credential = definePolicy({
    ...apiKey,
    name: 'test',
    create: () => ({
      identify: () =>
        identified({
          ...{ id: 'alice', kind: 'user', issuer: 'test', tenant: null, roles: [], scopes: [], attributes: {} },
          ...{ credential: { policy: 'test', id: '1' }, assurance: null, confirmation: null },
          ...{ proofOfPossession: null, expiresAt: null },
        }),
    }),
  })
  const outbound = createOutboundClient()
  close.push(() => outbound.close())
  const pipeline = await createTestPipeline(
    [
      { policy: credential },
      { policy: abac, options: { policy: { set: 'orders', resource: { type: 'Order', param: 'id' } } } },
    ],
    { authenticated: true, path: '/orders/{id}' },
    {
      now: () => Date.now() + skippedMs,
      secrets: { 'env:TOKEN': 'directory-token' },
      blocks: { ...blocks, roles: rolesBlock.parse({}) },
      ports: [...new TestRoles().ports(), [outboundPort, outbound]],
    },
  )
  const call = async (id = '7') => {
    const { status, code, headers } = await runTestExchange({ params: { id }, path: `/orders/${id}`, pipeline })
    return { status, code, retryAfter: headers.get('retry-after') }
  }
  return { pipeline, call, status: async (id = '7') => (await call(id)).status }
}

describe('entities that are fetched', () => {
  test('decide, are asked for once, and with the token', async () => {
    const { status } = await createRoute({ token: 'env:TOKEN' })
    assert.deepEqual(await Promise.all([status(), status('8'), status('9'), status()]), [200, 403, 403, 200])
    assert.deepEqual(asked, ['Bearer directory-token'])
  })

  test('that differ forget what was decided by the ones before; others do not', async () => {
    const { status, pipeline } = await createRoute()
    const cached = () => pipeline.gauges.get('portcullis_abac_cached{set="orders"}')?.()
    assert.equal(await status(), 200)
    skippedMs = 11_000
    assert.equal(await status(), 200)
    assert.equal(cached(), 1)
    answer = give(owns('bob'))
    assert.equal(await status(), 200, 'within its time')
    skippedMs = 22_000
    assert.equal(await status(), 403)
    assert.equal(asked.length, 3)
  })

  test('are fetched ahead, so that steady traffic does not wait', async () => {
    const { status } = await createRoute()
    await status()
    answer = give(owns('bob'))
    skippedMs = 8_000
    assert.equal(await status(), 200)
    await eventually('they are there', async () => (await status()) === 403)
    assert.equal(asked.length, 2)
  })

  test('serve for `maxStale` more while the address fails, and then nobody passes until it answers', async () => {
    const { status, call } = await createRoute({ maxStale: '1m' })
    await status()
    answer = fail
    skippedMs = 11_000
    assert.equal(await status(), 200)
    skippedMs = 69_000
    assert.equal(await status(), 200)
    skippedMs = 71_000
    assert.deepEqual(await call(), { status: 503, code: 'dependency_down', retryAfter: '1' })
    const before = asked.length
    assert.equal(await status(), 503)
    assert.equal(asked.length, before, 'asked again at once')
    answer = give(owns('alice'))
    skippedMs = 73_000
    assert.equal(await status(), 200)
  })

  test('with `onFailure: refuse` nobody passes once they are too old', async () => {
    const { status } = await createRoute({ onFailure: 'refuse' })
    await status()
    answer = fail
    skippedMs = 11_000
    assert.equal(await status(), 503)
  })

  test('that cannot be used let nobody in', async () => {
    const bad: [string, RequestListener][] = [
      ['an error', fail],
      ['no list', give({ entities: owns('alice') })],
      [
        'too long',
        give(Array.from({ length: 3 }, (_, i) => ({ uid: { type: 'Order', id: `${i}` }, attrs: {}, parents: [] }))),
      ],
      ['no entities', give([{ owner: 'alice' }])],
      ['another redirects', (_request, response) => response.writeHead(302, { location: url }).end()],
      ['too large', give([{ uid: { type: 'Order', id: 'x'.repeat(10_000) }, attrs: {}, parents: [] }])],
    ]
    for (const [name, listener] of bad) {
      answer = listener
      const { status } = await createRoute({ maxEntities: 2 })
      assert.equal(await status(), 503, name)
    }
  })

  test('a clock that was set back makes no list young again', async () => {
    const { status } = await createRoute()
    await status()
    answer = give(owns('bob'))
    skippedMs = -60_000
    assert.equal(await status(), 403)
  })

  test('need HTTPS and an address outside, unless a reason is given', async () => {
    const parse = (entities: object) => policySetsBlock.safeParse({ orders: { policies: ['a'], entities } }).success
    assert.equal(parse({ url: 'https://directory.example.com/' }), true)
    for (const wrong of [{ url: 'http://a.example/' }, { url: 'https://u:p@a.example/' }, { url: 'file:///etc' }, {}]) {
      assert.equal(parse(wrong), false, JSON.stringify(wrong))
    }
    const { status } = await createRoute({ allowPrivateAddress: undefined })
    assert.equal(await status(), 503)
    assert.deepEqual(asked, [])
  })
})
