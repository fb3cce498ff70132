import { compare } from '../harness/compare.ts'
import { runRounds } from '../harness/rounds.ts'
import type { Scenario } from '../harness/scenario.ts'
import { path } from '../load/answer.ts'
import type { FreshTokens } from '../load/tokens.ts'
import { haproxy } from '../peers/haproxy.ts'
import { portcullis } from '../peers/portcullis.ts'
import { startUpstream } from '../peers/upstream.ts'

/** Signing is slow, so these measurements are no longer than this. */
const maxSeconds = 2
/** Beyond what the fastest warm-up answered; a measurement that runs out of new tokens is an error. */
const reserve = 1.5

/** Every token is new, so that nobody's cache helps: what a verified signature costs. */
export const freshTokens: Scenario = {
  name: 'fresh-tokens',
  title: 'Gateway, one worker, every token new',
  async run(bench) {
    const upstream = await startUpstream(bench)
    await using _ = upstream.program
    const seconds = Math.min(bench.seconds, maxSeconds)
    let fresh: FreshTokens | null = null
    let perRound = 0
    const contenders = await runRounds(
      { ...bench, seconds },
      {
        contenders: [portcullis, haproxy],
        upstream: upstream.origin,
        path,
        connections: 64,
        attempts: 1,
        prepare: async (requestsPerSecond) => {
          perRound = Math.ceil(requestsPerSecond * seconds * reserve)
          bench.say(`signing ${perRound * bench.rounds} tokens`)
          fresh = await bench.tokens.mintFresh(perRound * bench.rounds)
        },
        tokens: (round) => (fresh as FreshTokens).range(round * perRound, perRound),
      },
    )
    return {
      claims: compare(contenders, [
        {
          text: 'the same vs HAProxy, with every token new',
          of: 'portcullis',
          to: 'haproxy',
          must: { report: 'ratio' },
        },
      ]),
      contenders,
      notes: [`Measurements of ${seconds} s, ${perRound} tokens each, none sent twice to the same contender.`],
    }
  },
}
