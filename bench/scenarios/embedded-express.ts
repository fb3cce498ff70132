import { compare } from '../harness/compare.ts'
import { runRounds } from '../harness/rounds.ts'
import type { Scenario } from '../harness/scenario.ts'
import { path } from '../load/answer.ts'
import { expressStack, guardedExpress } from '../peers/handlers.ts'

/** The same application, protected the usual way and by Portcullis. */
export const embeddedExpress: Scenario = {
  name: 'embedded-express',
  title: 'Embedded in Express vs the usual packages',
  async run(bench) {
    const contenders = await runRounds(bench, {
      contenders: [guardedExpress, expressStack],
      upstream: '',
      path,
      connections: 64,
      tokens: () => bench.tokens.repeating,
    })
    return {
      claims: compare(contenders, [
        {
          text: 'embedded in Express vs helmet + cors + express-rate-limit + jsonwebtoken + winston',
          of: 'portcullis-express',
          to: 'express-stack',
          must: { ratio: '>=', value: 2.5 },
        },
      ]),
      contenders,
      notes: [],
    }
  },
}
