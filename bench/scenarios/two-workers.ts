import { compare } from '../harness/compare.ts'
import type { Contender } from '../harness/contender.ts'
import { runRounds } from '../harness/rounds.ts'
import type { Scenario } from '../harness/scenario.ts'
import { path } from '../load/answer.ts'
import { startGateway } from '../peers/portcullis.ts'
import { startUpstream } from '../peers/upstream.ts'

/** One and two worker threads on the same cores, with load and upstream on what is left of them. */
export const twoWorkers: Scenario = {
  name: 'two-workers',
  title: 'Gateway, two workers vs one',
  async run(bench) {
    const upstream = await startUpstream(bench)
    await using _ = upstream.program
    const contenders = await runRounds(bench, {
      contenders: [defineGateway(1), defineGateway(2)],
      upstream: upstream.origin,
      path,
      connections: 64,
      tokens: () => bench.tokens.repeating,
    })
    return {
      claims: compare(contenders, [
        { text: 'two workers vs one', of: 'workers-2', to: 'workers-1', must: { report: 'ratio' } },
      ]),
      contenders,
      notes: ['Both may use every core; the load shares them, so on two cores the second worker gains little.'],
    }
  },
}

function defineGateway(workers: number): Contender {
  const name = `workers-${workers}`
  return {
    name,
    description: `gateway, ${workers === 1 ? 'one worker' : `${workers} workers`}, same policies`,
    authenticates: true,
    start: (setting) => startGateway(setting, { name, workers, cores: setting.bench.cores.all }),
  }
}
