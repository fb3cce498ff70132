import { compare } from '../harness/compare.ts'
import { runRounds } from '../harness/rounds.ts'
import type { Scenario } from '../harness/scenario.ts'
import { path } from '../load/answer.ts'
import { bareHandler, guardedHandler } from '../peers/handlers.ts'

/** What all policies cost a handler that does nothing else. */
export const embeddedNode: Scenario = {
  name: 'embedded-node',
  title: 'Embedded in node:http, all policies vs the bare handler',
  async run(bench) {
    const contenders = await runRounds(bench, {
      contenders: [guardedHandler, bareHandler],
      upstream: '',
      path,
      connections: 64,
      tokens: () => bench.tokens.repeating,
    })
    return {
      claims: compare(contenders, [
        {
          text: 'embedded in node:http, all policies, vs the bare handler',
          of: 'portcullis-node',
          to: 'bare',
          must: { ratio: '>=', value: 0.7 },
        },
      ]),
      contenders,
      notes: [],
    }
  },
}
