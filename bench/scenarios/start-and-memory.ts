import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Claim } from '../harness/claim.ts'
import { type Running, Unavailable } from '../harness/contender.ts'
import { readResidentBytes } from '../harness/program.ts'
import { takeSample } from '../harness/sample.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { toSpread } from '../harness/statistics.ts'
import { path } from '../load/answer.ts'
import { bareHandler } from '../peers/handlers.ts'
import { startGateway } from '../peers/portcullis.ts'
import { startUpstream } from '../peers/upstream.ts'

const builtMain = new URL('../../dist/cli/main.js', import.meta.url).pathname

interface Start {
  readonly readyMs: number
  readonly idleMiB: number
  readonly loadedMiB: number
}

/** From the command to `ready`, and the memory of the process before and under load. */
export const startAndMemory: Scenario = {
  name: 'start-and-memory',
  title: 'Start to ready (built), idle and loaded memory',
  async run(bench) {
    if (!existsSync(builtMain)) throw new Unavailable('dist/ is not there: run "npm run build" first')
    const upstream = await startUpstream(bench)
    await using _ = upstream.program
    const setting = { bench, upstream: upstream.origin }
    const options = { name: 'gateway', workers: 1, cores: bench.cores.server, main: builtMain }

    // The first start makes keys and the store; later ones find them.
    const first = await observeStart(bench, () => startGateway(setting, options))
    const starts: Start[] = []
    const bare: Start[] = []
    for (let round = 0; round < bench.rounds; round++) {
      starts.push(await observeStart(bench, () => startGateway(setting, options)))
      bare.push(await observeStart(bench, () => bareHandler.start(setting)))
      bench.say(`round ${round + 1}/${bench.rounds} ${Math.round((starts.at(-1) as Start).readyMs)} ms`)
    }
    return {
      claims: [
        report('start to ready (built)', 'ms', starts, ({ readyMs }) => readyMs),
        report('idle memory', 'MiB', starts, ({ idleMiB }) => idleMiB),
        report('loaded memory', 'MiB', starts, ({ loadedMiB }) => loadedMiB),
      ],
      table: [
        ['', 'start to ready, ms', 'idle, MiB', 'loaded, MiB'],
        toRow('gateway, first start in a folder', [first]),
        toRow('gateway', starts),
        toRow('bare node:http', bare),
      ],
      notes: [`Resident memory: idle a second after ready, loaded after ${bench.seconds} s of load.`],
    }
  },
}

async function observeStart(bench: Bench, start: () => Promise<Running>): Promise<Start> {
  const startedAt = performance.now()
  const running = await start()
  const readyMs = performance.now() - startedAt
  await using _ = running.program
  await sleep(1_000)
  const idleMiB = readMiB(running)
  const wrk = { connections: 64, seconds: bench.seconds, cores: bench.cores.load, tokens: bench.tokens.repeating }
  await takeSample({ ...wrk, url: running.origin + path }, running.program, bench.cores)
  return { readyMs, idleMiB, loadedMiB: readMiB(running) }
}

function readMiB({ program }: Running): number {
  return (readResidentBytes(program.pid) ?? Number.NaN) / 2 ** 20
}

function report(text: string, unit: string, starts: readonly Start[], pick: (start: Start) => number): Claim {
  return { text, must: { report: 'amount', unit }, got: toSpread(starts.map(pick)) }
}

function toRow(name: string, starts: readonly Start[]): string[] {
  const pick = (of: (start: Start) => number) => toSpread(starts.map(of)).median.toFixed(0)
  return [name, pick(({ readyMs }) => readyMs), pick(({ idleMiB }) => idleMiB), pick(({ loadedMiB }) => loadedMiB)]
}
