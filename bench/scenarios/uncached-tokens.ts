import { importJWK, jwtVerify } from 'jose'
import { outboundPort } from '../../src/outbound/outbound.ts'
import { jwt } from '../../src/policies/jwt/index.ts'
import { issuersBlock } from '../../src/policies/jwt/issuer-options.ts'
import { createTestExchange, createTestPipeline } from '../../test/support/exchange.ts'
import { createTestKey, signTestToken } from '../../test/support/issuer.ts'
import type { Claim } from '../harness/claim.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'
import { audience, issuer } from '../load/tokens.ts'

const algorithms = ['RS256', 'ES256', 'EdDSA'] as const
const tokensPerRound = 500

/** What the policy costs beyond the signature: one token after the other, none seen before. */
export const uncachedTokens: Scenario = {
  name: 'uncached-tokens',
  title: 'The policy jwt vs bare jose, every token new',
  async run(bench) {
    const claims: Claim[] = []
    const table: string[][] = [['algorithm', 'policy, µs per token', 'jose, µs per token']]
    for (const algorithm of algorithms) {
      const { policy, jose } = await measure(algorithm, bench.rounds)
      claims.push({
        text: `uncached ${algorithm} through the policy vs bare jose, time`,
        must: { ratio: '<=', value: 1.3 },
        got: toSpread(pairedRatios(policy, jose)),
      })
      table.push([algorithm, ...[policy, jose].map((samples) => toSpread(samples).median.toFixed(0))])
    }
    const notes = [`${tokensPerRound} tokens per round and contender, in turns; both verify in the pool of threads.`]
    return { claims, table, notes }
  },
}

async function measure(algorithm: string, rounds: number) {
  const key = createTestKey(algorithm)
  const imported = await importJWK(key.jwk, algorithm)
  const pipeline = await createTestPipeline(
    [{ policy: jwt }],
    { authenticated: true },
    {
      blocks: { issuers: issuersBlock.parse({ main: { issuer, audience, keys: 'env:KEYS' } }) },
      secrets: { 'env:KEYS': JSON.stringify({ keys: [key.jwk] }) },
      ports: [[outboundPort, {}]],
    },
  )
  const policy: number[] = []
  const jose: number[] = []
  for (let round = -1; round < rounds; round++) {
    const tokens = await Promise.all(
      Array.from({ length: tokensPerRound }, (_, i) => signTestToken(issuer, key, { jti: `${round}-${i}` })),
    )
    const exchanges = await Promise.all(
      tokens.map((token) => createTestExchange({ pipeline, headers: { authorization: `Bearer ${token}` } })),
    )
    const ofPolicy = await time(async () => {
      for (const { exchange } of exchanges) {
        const decision = await pipeline.pipeline.decide(exchange)
        if (decision.kind !== 'next') throw new Error('a good token was refused')
      }
    })
    const ofJose = await time(async () => {
      for (const token of tokens) await jwtVerify(token, imported, { issuer, audience, algorithms: [algorithm] })
    })
    // The first round only warms up.
    if (round < 0) continue
    policy.push(ofPolicy)
    jose.push(ofJose)
  }
  pipeline.dispose()
  return { policy, jose }
}

/** Microseconds per token. */
async function time(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return ((performance.now() - start) * 1000) / tokensPerRound
}
