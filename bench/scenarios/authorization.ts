import { hash } from 'node:crypto'
import type { Exchange } from '../../src/core/exchange.ts'
import type { Principal } from '../../src/core/principal.ts'
import { abac } from '../../src/policies/abac/index.ts'
import { rbac } from '../../src/policies/rbac/index.ts'
import { rolesBlock } from '../../src/roles/roles-block.ts'
import { createTestExchange } from '../../test/support/exchange.ts'
import { TestRoles } from '../../test/support/roles.ts'
import { measureLoop } from '../harness/measure-loop.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const milliseconds = 300
const policy = 'permit (principal in Role::"support", action, resource) when { resource.params.id like "7*" };'

/** What a decision costs: by roles, and by Cedar policies, remembered and not. */
export const authorization: Scenario = {
  name: 'authorization',
  title: 'Authorization decisions',
  async run(bench) {
    const exchange = await createExchange()
    const byRole = await decideBy(rbac, { permissions: ['orders:delete'] }, exchange)
    const byPolicy = await decideBy(abac, { policy: 'orders' }, exchange)
    const engine = await createBareCall()
    const text = 'x'.repeat(64)
    let asked = 0
    const runs = {
      'SHA-256 of 64 bytes': () => hash('sha256', text),
      'roles: a permission through two roles': () => byRole(exchange),
      'Cedar: the bare engine call': () => engine(),
      'Cedar: remembered': () => byPolicy(exchange),
      'Cedar: not remembered': () => {
        // Never the same twice, in no round.
        ;(exchange.params as Record<string, string>).id = `7${asked++}`
        return byPolicy(exchange)
      },
    }
    const samples = new Map(Object.keys(runs).map((name) => [name, [] as number[]]))
    for (let round = -1; round < bench.rounds; round++) {
      for (const [name, run] of Object.entries(runs)) {
        const nanoseconds = measureLoop(milliseconds, run)
        ;(exchange.params as Record<string, string>).id = '7'
        // The first round only warms up.
        if (round >= 0) samples.get(name)?.push(nanoseconds)
      }
    }
    const [digest = [], roles = [], bare = [], cached = [], fresh = []] = [...samples.values()]
    return {
      claims: [
        {
          text: 'RBAC decision vs one SHA-256 of 64 bytes',
          must: { ratio: '<=', value: 2 },
          got: toSpread(pairedRatios(roles, digest)),
        },
        {
          text: 'Cedar decision, remembered, vs the bare engine call',
          must: { ratio: '<=', value: 0.1 },
          got: toSpread(pairedRatios(cached, bare)),
        },
        {
          text: 'Cedar decision, not remembered, vs the bare engine call',
          must: { ratio: '<=', value: 1.3 },
          got: toSpread(pairedRatios(fresh, bare)),
        },
      ],
      table: [
        ['what', 'ns', 'range'],
        ...[...samples].map(([name, values]) => {
          const { median, min, max } = toSpread(values)
          return [name, median.toFixed(0), `${min.toFixed(0)}–${max.toFixed(0)}`]
        }),
      ],
      notes: [
        'The bare call is `statefulIsAuthorized` with the same question and a policy set that is parsed already.',
      ],
    }
  },
}

const principal: Principal = {
  id: 'alice',
  kind: 'user',
  issuer: 'https://login.example.com/',
  tenant: 'north',
  roles: ['supervisor'],
  scopes: [],
  attributes: {},
  credential: { policy: 'jwt', id: '1' },
  assurance: null,
  confirmation: null,
  proofOfPossession: null,
  expiresAt: null,
}

async function createExchange(): Promise<Exchange> {
  const { exchange } = await createTestExchange({ path: '/orders/7', params: { id: '7' } })
  exchange.principal = principal
  return exchange
}

async function decideBy(what: typeof rbac | typeof abac, options: unknown, exchange: Exchange) {
  const roles = rolesBlock.parse({
    customer: { permissions: ['orders:read'] },
    support: { inherits: ['customer'], permissions: ['orders:*'] },
    supervisor: { inherits: ['support'] },
  })
  const policySets = { orders: { gathered: { policies: { own: policy }, entities: [] } } }
  const { pipeline } = await createTestExchange({
    policies: [{ policy: what, options }],
    blocks: { roles, policySets },
    ports: new TestRoles().ports(),
  })
  const authorize = pipeline.hooks[0]?.authorize
  if (authorize === undefined) throw new Error('there is no hook')
  const decision = authorize(exchange)
  if (decision instanceof Promise || decision.kind !== 'next') throw new Error('the caller is not let in')
  return (one: Exchange) => {
    one.reasons = null
    return authorize(one)
  }
}

/** The same question, as somebody would ask the engine without Portcullis. */
async function createBareCall(): Promise<() => unknown> {
  const engine = await import('@cedar-policy/cedar-wasm/nodejs')
  engine.preparsePolicySet('bare', { staticPolicies: { own: policy } })
  const { toQuestion } = await import('../../src/policies/abac/request-entities.ts')
  const input = { set: 'orders', resource: { type: 'Resource' }, query: [], headers: [], time: false, body: false }
  const exchange = await createExchange()
  const {
    principal: caller,
    action,
    resource,
    context,
  } = toQuestion(exchange, principal, ['customer', 'supervisor', 'support'], input, 0)
  return () =>
    engine.statefulIsAuthorized({
      principal: caller.uid,
      action,
      resource: resource.uid,
      context,
      preparsedPolicySetId: 'bare',
      validateRequest: false,
      entities: [caller, resource] as never,
    })
}
