import { rename, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Setting } from '../harness/contender.ts'
import { type Honest, observeHonest } from '../harness/honest.ts'
import type { Scenario } from '../harness/scenario.ts'
import { percentile, toSpread } from '../harness/statistics.ts'
import { path } from '../load/answer.ts'
import { limitPerMinute } from '../peers/limit.ts'
import { type RunningGateway, startGateway, toGatewayFile } from '../peers/portcullis.ts'
import { startUpstream } from '../peers/upstream.ts'

const reloads = 1_000
const effectTimeoutMs = 10_000

/** Changes the policy file again and again while honest clients ask, and waits each time until the change is seen. */
export const reloading: Scenario = {
  name: 'reloads',
  title: `${reloads} reloads under load`,
  async run(bench) {
    const upstream = await startUpstream(bench)
    await using _ = upstream.program
    const setting = { bench, upstream: upstream.origin }
    const gateway = await startGateway(setting, { name: 'gateway', workers: 1, cores: bench.cores.server })
    await using __ = gateway.program

    let over = false
    const observed: Honest[] = []
    const load = (async () => {
      while (!over) observed.push(await observeHonest(bench, gateway.origin))
    })()
    const durations: number[] = []
    try {
      while (durations.length < reloads) {
        durations.push(await reload(gateway, setting, durations.length))
        if (durations.length % 100 === 0) bench.say(`${durations.length} reloads`)
      }
    } finally {
      over = true
      await load
    }

    const lost = observed.reduce((sum, { lost }) => sum + lost, 0)
    const answered = observed.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond * bench.seconds, 0)
    return {
      claims: [
        {
          text: `${reloads} reloads under load: failed requests`,
          must: { amount: '<=', value: 0, unit: 'requests' },
          got: toSpread([lost]),
        },
        {
          text: 'from the file’s change to its effect, under load',
          must: { report: 'amount', unit: 'ms' },
          got: toSpread(durations),
        },
      ],
      notes: [
        `About ${Math.round(answered)} requests were answered meanwhile; one reload in a hundred took longer than ${percentile(durations, 0.99).toFixed(0)} ms.`,
      ],
    }
  },
}

/** Swaps the route's limit, which every answer tells, and returns how long that took to be seen. */
async function reload({ configFile, program, origin }: RunningGateway, setting: Setting, number: number) {
  const limit = limitPerMinute - 1 - (number % 2)
  await writeFile(`${configFile}.next`, toGatewayFile(setting, 1, limit))
  const startedAt = performance.now()
  await rename(`${configFile}.next`, configFile)
  program.signal('SIGHUP')
  for (;;) {
    const response = await fetch(origin + path, { headers: { authorization: `Bearer ${setting.bench.tokens.sample}` } })
    await response.arrayBuffer()
    const elapsed = performance.now() - startedAt
    if (response.headers.get('ratelimit-policy')?.includes(`q=${limit};`)) return elapsed
    if (elapsed > effectTimeoutMs) throw new Error(`reload ${number + 1} had no effect: ${program.errors}`)
    await sleep(2)
  }
}
