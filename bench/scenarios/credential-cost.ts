import { compare } from '../harness/compare.ts'
import { runRounds } from '../harness/rounds.ts'
import type { Bench, Measured, Scenario } from '../harness/scenario.ts'
import { path } from '../load/answer.ts'
import { createApiKeys } from '../load/api-keys.ts'
import { allowedOrigin } from '../peers/answer-headers.ts'
import { defineNodePeer, type NodePeer } from '../peers/node-program.ts'
import { type RouteAccess, toAccessFile } from '../peers/policy-file.ts'

/** What asking who calls costs, once the caller is known: everything else on the route is the same. */
export const credentialCost: Scenario = {
  name: 'credential-cost',
  title: 'Embedded: a cached JWT or API key vs the same route public',
  async run(bench) {
    const keys = await createApiKeys(bench.folder)
    const tokens = await measure(bench, 'jwt', 'a token (RS256) that was verified before')
    const { repeating, sample } = keys
    const withKeys = { ...bench, tokens: { ...bench.tokens, repeating, sample } }
    const byKey = await measure(withKeys, 'api-key', 'an API key that was looked up before', keys.fill)
    const must = { ratio: '>=', value: 0.9 } as const
    return {
      claims: [
        ...compare(tokens, [
          { text: 'a cached JWT vs the same route public, embedded', of: 'jwt', to: 'public-jwt', must },
        ]),
        ...compare(byKey, [
          { text: 'a cached API key vs the same route public, embedded', of: 'api-key', to: 'public-api-key', must },
        ]),
      ],
      contenders: [...tokens, ...byKey],
      notes: [`Every contender gets the same requests, with the credential; CORS for ${allowedOrigin}, headers, log.`],
    }
  },
}

function measure(
  bench: Bench,
  credential: 'jwt' | 'api-key',
  description: string,
  prepare?: (folder: string) => Promise<void>,
): Promise<Measured[]> {
  const peer = (name: string, access: RouteAccess, more: Pick<NodePeer, 'description' | 'authenticates' | 'prepare'>) =>
    defineNodePeer({
      name,
      file: 'portcullis-node.ts',
      toFile: (keySetFile) => toAccessFile(keySetFile, access),
      ...more,
    })
  const own = { description, authenticates: true, ...(prepare && { prepare }) }
  return runRounds(bench, {
    contenders: [
      peer(credential, credential, own),
      peer(`public-${credential}`, 'public', { description: 'the same route, public' }),
    ],
    upstream: '',
    path,
    connections: 64,
    tokens: () => bench.tokens.repeating,
  })
}
