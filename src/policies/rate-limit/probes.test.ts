import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createTestPipeline,
  parseTestOptions,
  runTestExchange,
  type TestResult,
} from '../../../test/support/exchange.ts'
import { next } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { AnyPolicy } from '../../core/policy.ts'
import type { Probe } from '../../core/probe.ts'
import { allocateRateMemory } from '../../stores/counters/rate-memory.ts'
import { createSharedRateTable } from '../../stores/counters/shared-rate-table.ts'
import { localRateTable, rateTable } from '../../stores/ports/rate-table.ts'
import { rateLimit } from './index.ts'
import { createRateLimit } from './rate-limit.ts'

const route = { id: 'GET /orders/{id}', path: '/orders/{id}', methods: ['GET'], hosts: [], upstream: 'shop' }
const target = { route: { ...route, authenticated: false }, path: '/orders/1', method: 'GET', observe: false }

function probesOf(options: unknown, changes: object = {}): readonly Probe[] {
  return rateLimit.probes(parseTestOptions(rateLimit, options) as never, { ...target, ...changes })
}

/** Runs a probe as a prober does, against a route with this policy and nothing counted yet. */
async function verdict(probe: Probe, policy: AnyPolicy, options: unknown): Promise<boolean> {
  const table = createSharedRateTable(allocateRateMemory(1000))
  const ports = [
    [rateTable, table],
    [localRateTable, table],
  ] as const
  const pipeline = await createTestPipeline([{ policy, options }], target.route, { ports })
  const answers: TestResult[] = []
  for (const { times = 1, method, path, query = '', headers = [] } of probe.requests) {
    for (let i = 0; i < times; i++) answers.push(await runTestExchange({ pipeline, method, path, query, headers }))
  }
  const judged = (answer: TestResult) =>
    (probe.expect.outcome === 'passed') === answer.forwarded &&
    (probe.expect.status?.includes(answer.status) ?? true) &&
    Object.entries(probe.expect.headers ?? {}).every(([name, value]) =>
      value instanceof RegExp
        ? value.test(answer.headers.get(name) ?? '')
        : answer.headers.get(name) === (value ?? undefined),
    )
  return probe.expect.judge === 'any' ? answers.some(judged) : judged(answers.at(-1) as TestResult)
}

/** The limiter with one mistake: it takes something that a caller chooses for who is calling. */
function withMistake(keyOf: (exchange: Exchange) => string): AnyPolicy {
  return {
    ...rateLimit,
    create(options, deps) {
      const hooks = createRateLimit(options, deps)
      return {
        ...hooks,
        guard: (exchange) =>
          hooks.guard?.(
            Object.assign(Object.create(exchange), { client: { ...exchange.client, key: keyOf(exchange) } }),
          ) ?? next,
      }
    },
  }
}

const withoutLimit: AnyPolicy = { ...rateLimit, create: () => ({}) }
const kinds = (probes: readonly Probe[]) => probes.map(({ kind }) => kind)

for (const options of [
  '20/min',
  { limit: '20/min', burst: 5, cost: 2 },
  { limit: '20/min', per: 'principal' },
  { limit: '20/min', per: ['route', 'ip'] },
  { limit: '20/min', per: { header: 'x-tenant' } },
  { limit: '20/min', per: [{ header: 'x-tenant' }, 'ip'], headers: false },
]) {
  test(`every probe of ${JSON.stringify(options)} passes with the limit, and its attacks fail without`, async () => {
    const probes = probesOf(options)
    assert.ok(kinds(probes).includes('honest') && kinds(probes).includes('attack'))
    for (const probe of probes) {
      assert.equal(await verdict(probe, rateLimit, options), true, probe.name)
      if (probe.kind === 'attack') assert.equal(await verdict(probe, withoutLimit, options), false, probe.name)
    }
  })
}

test('an honest probe fails where the answers do not tell the limit', async () => {
  const [honest] = probesOf('20/min') as [Probe]
  assert.equal(await verdict(honest, rateLimit, { limit: '20/min', headers: false }), false)
  assert.equal(await verdict(honest, rateLimit, '30/min'), false)
})

test('a limiter that believes what callers say is caught', async () => {
  const mistakes: Record<string, (exchange: Exchange) => string> = {
    forwarded: ({ headers, client }) => headers.get('x-forwarded-for') ?? client.key,
    'real-ip': ({ headers, client }) => headers.get('x-real-ip') ?? client.key,
    query: ({ query, client }) => `${client.key} ${query}`,
  }
  for (const [name, keyOf] of Object.entries(mistakes)) {
    const verdicts = await Promise.all(probesOf('20/min').map((probe) => verdict(probe, withMistake(keyOf), '20/min')))
    assert.ok(verdicts.includes(false), name)
  }
})

test('the path is spelled in another way that means the same', () => {
  const paths = probesOf('20/min').flatMap(({ requests }) => requests.map(({ path }) => path))
  assert.ok(paths.includes('/orders/%31'), paths.join(' '))
  assert.ok(paths.every((path) => decodeURIComponent(path) === '/orders/1'))
})

test('what only a flood could exceed is not attacked, nor what only observes, nor other methods', () => {
  for (const options of ['100000/min', '1000/s', { limit: '10000/day' }]) {
    assert.deepEqual(kinds(probesOf(options)), ['honest'], JSON.stringify(options))
  }
  assert.deepEqual(kinds(probesOf('20/min', { observe: true })), ['honest'])
  assert.deepEqual(probesOf({ limit: '20/min', methods: ['POST'] }), [])
})

test('a limit that refills while it is attacked is exceeded all the same', () => {
  // At 100 requests per second, 600 per minute give back a tenth of what is sent.
  const [, attack] = probesOf('600/min') as [Probe, Probe]
  const sent = attack.requests.reduce((sum, { times = 1 }) => sum + times, 0)
  assert.ok(sent > 600 + sent / 10 && sent < 1000, `${sent}`)
})
