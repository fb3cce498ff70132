import { type Comparison, compare, compareFields } from '../harness/compare.ts'
import { runRounds } from '../harness/rounds.ts'
import type { Scenario } from '../harness/scenario.ts'
import { path } from '../load/answer.ts'
import { haproxy } from '../peers/haproxy.ts'
import { nginx } from '../peers/nginx.ts'
import { portcullis } from '../peers/portcullis.ts'
import { fastifyProxy, undiciDispatchProxy, undiciProxy } from '../peers/proxies.ts'
import { startUpstream } from '../peers/upstream.ts'

const what = 'gateway, one worker, JWT RS256 + limit per principal + CORS + headers + log + metrics'

const comparisons: readonly Comparison[] = [
  {
    text: `${what}, vs HAProxy with the same`,
    of: 'portcullis',
    to: 'haproxy',
    must: { ratio: '>=', value: 1.2 },
  },
  {
    text: `${what}, vs bare node:http + undici`,
    of: 'portcullis',
    to: 'undici',
    must: { ratio: '>=', value: 0.85 },
  },
  {
    text: `${what}, vs bare node:http + undici's dispatch`,
    of: 'portcullis',
    to: 'undici-dispatch',
    must: { report: 'ratio' },
  },
  { text: `${what}, vs bare NGINX`, of: 'portcullis', to: 'nginx', must: { ratio: '>=', value: 0.4 } },
  {
    text: `${what}, vs @fastify/http-proxy without policies`,
    of: 'portcullis',
    to: 'fastify',
    must: { ratio: '>=', value: 1.3 },
  },
]

/** The main job, against everything that stands at the same place. */
export const gateway: Scenario = {
  name: 'gateway',
  title: 'Gateway, one worker, tokens that repeat as a client’s do',
  async run(bench) {
    const upstream = await startUpstream(bench)
    await using _ = upstream.program
    const contenders = await runRounds(bench, {
      contenders: [portcullis, haproxy, undiciProxy, undiciDispatchProxy, nginx, fastifyProxy],
      upstream: upstream.origin,
      path,
      connections: 64,
      tokens: () => bench.tokens.repeating,
    })
    return {
      claims: compare(contenders, comparisons),
      contenders,
      notes: compareFields(contenders, 'portcullis', 'haproxy'),
    }
  },
}
