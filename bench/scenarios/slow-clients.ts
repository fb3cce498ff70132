import type { Claim } from '../harness/claim.ts'
import { type Contender, type Running, Unavailable } from '../harness/contender.ts'
import { type Honest, observeHonest } from '../harness/honest.ts'
import { Program } from '../harness/program.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'
import { defineNodePeer } from '../peers/node-program.ts'
import { portcullis } from '../peers/portcullis.ts'
import { undiciProxy } from '../peers/proxies.ts'

const slowClientsProgram = new URL('../load/slow-clients.ts', import.meta.url).pathname

const attacks = [
  { kind: 'slow-bodies', count: 500, text: '500 slow bodies' },
  { kind: 'slow-readers', count: 200, text: '200 slow readers' },
] as const

/** What honest clients saw, with or without an attack. */
interface Phase extends Honest {
  /** Attacking connections at its end. */
  readonly held: number
}

interface Round {
  readonly calm: Phase
  readonly attacked: readonly Phase[]
}

/** What honest clients notice of slow ones, and that the attack does starve a proxy without a defence. */
export const slowClients: Scenario = {
  name: 'slow-clients',
  title: 'Honest requests while slow clients are held',
  async run(bench) {
    const app = defineNodePeer({ name: 'app', description: 'the upstream', file: 'slow-upstream-app.mjs' })
    const upstream = await app.start({
      bench: { ...bench, cores: { ...bench.cores, server: bench.cores.load } },
      upstream: '',
    })
    await using _ = upstream.program

    const naive = await observe(bench, undiciProxy, upstream.origin, 1)
    const ours = await observe(bench, portcullis, upstream.origin, bench.rounds).catch((error) => {
      if (error instanceof Unavailable) return error
      throw error
    })
    return {
      claims: attacks.flatMap(({ text }, i) => [
        ...(ours instanceof Error ? toUnmeasured(text, ours.message) : toClaims(text, ours, i)),
        toProof(text, naive, i),
      ]),
      table: [
        ['contender', 'phase', 'p99 ms', 'req/s', 'lost', 'held'],
        ...toRows('undici', naive),
        ...(ours instanceof Error ? [] : toRows('portcullis', ours)),
      ],
      notes: ['16 honest connections; a request is lost when it fails, or has no answer after two seconds.'],
    }
  },
}

async function observe(bench: Bench, contender: Contender, upstream: string, rounds: number): Promise<Round[]> {
  const running = await contender.start({ bench, upstream })
  await using _ = running.program
  const results: Round[] = []
  await observeHonest(bench, running.origin)
  for (let round = 0; round < rounds; round++) {
    const calm = { ...(await observeHonest(bench, running.origin)), held: 0 }
    const attacked: Phase[] = []
    for (const { kind, count } of attacks) attacked.push(await observeAttacked(bench, running, kind, count))
    results.push({ calm, attacked })
    bench.say(`round ${round + 1}/${rounds} ${contender.name}`)
  }
  return results
}

async function observeAttacked(bench: Bench, running: Running, kind: string, count: number): Promise<Phase> {
  const { hostname, port } = new URL(running.origin)
  const attack = new Program({
    command: process.execPath,
    args: [slowClientsProgram, kind, hostname, port, String(count)],
    env: { TOKEN: bench.tokens.sample },
    cores: bench.cores.load,
    log: `${bench.folder}/${kind}.log`,
  })
  await using _ = attack
  await attack.until(() => {
    if (readHeld(attack.output) < count * 0.9) throw new Error('the attack is not complete yet')
  })
  const honest = await observeHonest(bench, running.origin)
  return { ...honest, held: readHeld(attack.output) }
}

function readHeld(output: string): number {
  return Number(/held (\d+)/.exec(output.trim().split('\n').at(-1) ?? '')?.[1] ?? 0)
}

function toClaims(text: string, rounds: readonly Round[], attack: number): Claim[] {
  const attacked = rounds.map((round) => round.attacked[attack] as Phase)
  return [
    {
      text: `${text}: p99 of honest requests vs none held`,
      must: { ratio: '<=', value: 2 },
      got: toSpread(
        pairedRatios(
          attacked.map(readP99),
          rounds.map(({ calm }) => readP99(calm)),
        ),
      ),
    },
    {
      text: `${text}: honest requests lost`,
      must: { amount: '<=', value: 0, unit: 'requests' },
      // Not the median: one lost request in one round is one too many.
      got: toSpread([attacked.reduce((sum, phase) => sum + phase.lost, 0)]),
    },
  ]
}

function readP99({ p99Ms }: Phase): number {
  return p99Ms ?? Number.POSITIVE_INFINITY
}

/** An attack that harms nobody would prove nothing. */
function toProof(text: string, rounds: readonly Round[], attack: number): Claim {
  return {
    text: `${text} against a naive node:http + undici proxy (the attack works): throughput left`,
    must: { ratio: '<=', value: 0.05 },
    got: toSpread(
      pairedRatios(
        rounds.map((round) => (round.attacked[attack] as Phase).requestsPerSecond),
        rounds.map(({ calm }) => calm.requestsPerSecond),
      ),
    ),
  }
}

function toUnmeasured(text: string, why: string): Claim[] {
  return [
    { text: `${text}: p99 of honest requests vs none held`, must: { ratio: '<=', value: 2 }, got: null, why },
    {
      text: `${text}: honest requests lost`,
      must: { amount: '<=', value: 0, unit: 'requests' },
      got: null,
      why,
    },
  ]
}

function toRows(name: string, rounds: readonly Round[]): string[][] {
  const toRow = (phase: string, { p99Ms, requestsPerSecond, lost, held }: Phase) => [
    name,
    phase,
    p99Ms?.toFixed(1) ?? '–',
    requestsPerSecond.toFixed(0),
    `${lost}`,
    `${held}`,
  ]
  return rounds.flatMap(({ calm, attacked }) => [
    toRow('none held', calm),
    ...attacked.map((phase, i) => toRow((attacks[i] as (typeof attacks)[number]).text, phase)),
  ])
}
