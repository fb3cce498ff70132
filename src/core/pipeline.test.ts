import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { createTestExchange } from '../../test/support/exchange.ts'
import { absent, identified, next, refuse, reply } from './decision.ts'
import { type AnyPolicy, definePolicy, type Hooks } from './policy.ts'
import type { Principal } from './principal.ts'

const principal: Principal = {
  id: 'p1',
  kind: 'user',
  issuer: 'portcullis',
  tenant: null,
  roles: [],
  scopes: [],
  attributes: {},
  credential: { policy: 'fake', id: 'c1' },
  assurance: null,
  confirmation: null,
  proofOfPossession: null,
  expiresAt: null,
}

function fake(name: string, hooks: Hooks): AnyPolicy {
  return definePolicy({
    name,
    summary: 'a policy of this test',
    kind: hooks.identify === undefined ? 'protection' : 'credential',
    options: z.strictObject({}),
    codes: { [`${name}_no`]: { public: 'forbidden', meaning: 'the test says no' } },
    compose: () => 'both',
    create: () => hooks,
    probes: () => [],
  })
}

function runWith(policies: AnyPolicy[], extra: Partial<Parameters<typeof createTestExchange>[0]> = {}) {
  return createTestExchange({ policies: policies.map((policy) => ({ policy })), ...extra }).then((exchange) =>
    exchange.run(),
  )
}

test('stages run in their order, whatever the order of the registry', async () => {
  const seen: string[] = []
  const note = (text: string) => () => {
    seen.push(text)
    return next
  }
  await runWith([
    fake('late', { validate: note('validate'), respond: note('respond'), done: () => void seen.push('done') }),
    fake('early', {
      guard: note('guard'),
      limit: note('limit'),
      authorize: note('authorize'),
      forward: note('forward'),
    }),
  ])
  assert.deepEqual(seen, ['guard', 'limit', 'authorize', 'validate', 'forward', 'respond', 'done'])
})

test('a throw and a rejection refuse with 500; nothing of the error reaches the caller', async () => {
  for (const guard of [
    () => {
      throw new Error('secret detail')
    },
    () => Promise.reject(new Error('secret detail')),
  ]) {
    const result = await runWith([fake('broken', { guard })])
    assert.equal(result.status, 500)
    assert.equal(result.code, 'policy_fault')
    assert.equal(result.forwarded, false)
    assert.doesNotMatch(result.body, /secret|broken/)
  }
})

test('a hook that returns nothing is a fault, never an admission', async () => {
  const result = await runWith([fake('silent', { guard: (() => undefined) as never })])
  assert.equal(result.status, 500)
  assert.equal(result.forwarded, false)
})

test('respond hooks run on refusals and on faults', async () => {
  const stamp = fake('stamp', {
    respond: (_, answer) => {
      answer.headers.set('x-stamp', 'yes')
      return next
    },
  })
  const refused = await runWith([fake('no', { guard: () => refuse('no_no') }), stamp])
  assert.equal(refused.status, 403)
  assert.equal(refused.headers.get('x-stamp'), 'yes')
  const broken = await runWith([
    fake('broken', {
      guard: () => {
        throw new Error('x')
      },
    }),
    stamp,
  ])
  assert.equal(broken.headers.get('x-stamp'), 'yes')
})

test('a respond hook that refuses or throws replaces the answer once, and the others see the replacement', async () => {
  for (const respond of [
    () => refuse('leak_no'),
    async () => refuse('leak_no'),
    () => {
      throw new Error('x')
    },
  ]) {
    const seen: number[] = []
    const result = await runWith(
      [
        fake('first', {
          respond: (_, answer) => {
            seen.push(answer.status)
            return next
          },
        }),
        fake('leak', { respond }),
      ],
      { upstream: { status: 200, body: 'card 4111111111111111' } },
    )
    assert.ok(result.status === 403 || result.status === 500)
    assert.doesNotMatch(result.body, /4111/)
    assert.deepEqual(seen, [200, result.status])
  }
})

test('observe mode refuses nothing and notes what it would have refused', async () => {
  const policy = fake('watcher', { guard: () => refuse('watcher_no') })
  const exchange = await createTestExchange({ policies: [{ policy, mode: 'observe' }] })
  const result = await exchange.run()
  assert.equal(result.forwarded, true)
  assert.deepEqual(result.exchange.observed, [{ policy: 'watcher', code: 'watcher_no' }])
})

test('a reply ends the request stages and still gets its respond hooks', async () => {
  const result = await runWith([
    fake('preflight', { guard: () => reply(204, [['x-a', '1']]) }),
    fake('never', {
      authorize: () => {
        throw new Error('must not run')
      },
    }),
  ])
  assert.equal(result.status, 204)
  assert.equal(result.headers.get('x-a'), '1')
  assert.equal(result.forwarded, false)
})

const route = { authenticated: true }
const accepts = (name: string) => fake(name, { identify: () => identified(principal) })
const acceptsLater = (name: string) => fake(name, { identify: async () => identified(principal) })
const sees = (name: string) => fake(name, { identify: () => absent })
const rejects = (name: string) => fake(name, { identify: () => refuse(`${name}_no`) })

test('exactly one credential identifies the caller', async () => {
  for (const policies of [
    [accepts('a')],
    [sees('b'), accepts('a')],
    [acceptsLater('a'), sees('b')],
    [sees('b'), acceptsLater('a')],
  ]) {
    const result = await runWith(policies, { route })
    assert.equal(result.forwarded, true)
    assert.equal(result.exchange.principal, principal)
  }
})

test('no credential, two, or one good and one bad are refused', async () => {
  const cases: [AnyPolicy[], string][] = [
    [[], 'credential_missing'],
    [[sees('a'), sees('b')], 'credential_missing'],
    [[accepts('a'), accepts('b')], 'credential_ambiguous'],
    [[acceptsLater('a'), accepts('b')], 'credential_ambiguous'],
    [[accepts('a'), acceptsLater('b')], 'credential_ambiguous'],
    [[accepts('a'), rejects('b')], 'credential_ambiguous'],
    [[rejects('a'), accepts('b')], 'credential_ambiguous'],
    [[rejects('a')], 'a_no'],
  ]
  for (const [policies, code] of cases) {
    const result = await runWith(policies, { route })
    assert.equal(result.code, code)
    assert.equal(result.forwarded, false)
    assert.equal(result.exchange.principal, null)
  }
})

test('the body is collected once, before the first policy that reads it, and its checks run before that policy', async () => {
  const seen: string[] = []
  const result = await runWith(
    [
      fake('checks', {
        body: (_, bytes) => {
          seen.push(`check ${bytes.length}`)
          return next
        },
      }),
      fake('reader', {
        requestBody: 'buffer',
        validate: (exchange) => {
          seen.push(`read ${exchange.body.bytes?.length}`)
          return next
        },
      }),
      fake('second', {
        requestBody: 'buffer',
        validate: (exchange) => {
          seen.push(`again ${exchange.body.bytes?.length}`)
          return next
        },
      }),
    ],
    { method: 'POST', body: 'hello' },
  )
  assert.deepEqual(seen, ['check 5', 'read 5', 'again 5'])
  assert.equal(result.forwardedBody?.toString(), 'hello')
})

test('a check of the body is its own policy: the refusal is told as its, and observe mode only tells it', async () => {
  const judge = fake('judge', { body: () => refuse('judge_no') })
  const reader = fake('reader', { requestBody: 'buffer', validate: () => next })
  const send = (mode: 'enforce' | 'observe') =>
    createTestExchange({ method: 'POST', body: 'hello', policies: [{ policy: judge, mode }, { policy: reader }] }).then(
      (exchange) => exchange.run(),
    )
  const enforced = await send('enforce')
  assert.deepEqual([enforced.code, enforced.exchange.decidedBy], ['judge_no', 'judge'])
  const observed = await send('observe')
  assert.equal(observed.forwarded, true)
  assert.deepEqual(observed.exchange.observed, [{ policy: 'judge', code: 'judge_no' }])
})

test('a body that is too large to hold is refused before a policy sees it', async () => {
  const result = await runWith(
    [
      fake('reader', {
        requestBody: 'buffer',
        validate: () => {
          throw new Error('must not run')
        },
      }),
    ],
    { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) },
  )
  assert.equal(result.status, 413)
})

test('done runs once, also where the exchange was refused before the policy had its turn', async () => {
  let count = 0
  await runWith([
    fake('no', { guard: () => refuse('no_no') }),
    fake('holder', { limit: () => next, done: () => void count++ }),
  ])
  assert.equal(count, 1)
})
