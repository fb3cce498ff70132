import { type Attack, type AttackView, observeAttack } from '../harness/attack.ts'
import type { Claim } from '../harness/claim.ts'
import type { Contender } from '../harness/contender.ts'
import { type Honest, observeHonest } from '../harness/honest.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'
import { defineNodePeer } from '../peers/node-program.ts'
import { portcullis } from '../peers/portcullis.ts'
import { undiciProxy } from '../peers/proxies.ts'

const attacks: readonly (Attack & { readonly text: string })[] = [
  { kind: 'slow-bodies', count: 500, text: '500 slow bodies' },
  { kind: 'slow-readers', count: 200, text: '200 slow readers' },
]

interface Round {
  readonly calm: Honest
  /** In the order of `attacks`. */
  readonly attacked: readonly AttackView[]
}

/** What honest clients notice of slow ones, and that the attack does starve a proxy without a defence. */
export const slowClients: Scenario = {
  name: 'slow-clients',
  title: 'Honest requests while slow clients are held',
  async run(bench) {
    const app = defineNodePeer({ name: 'app', description: 'the upstream', file: 'slow-upstream-app.mjs' })
    const besides = { ...bench, cores: { ...bench.cores, server: bench.cores.load } }
    const upstream = await app.start({ bench: besides, upstream: '' })
    await using _ = upstream.program

    const naive = await observe(bench, undiciProxy, upstream.origin, 1)
    const ours = await observe(bench, portcullis, upstream.origin, bench.rounds)
    return {
      claims: attacks.flatMap(({ text }, attack) => [
        ...toClaims(text, ours, attack),
        // An attack that harms nobody would prove nothing.
        {
          text: `${text} against a naive node:http + undici proxy (the attack works): throughput left`,
          must: { ratio: '<=', value: 0.05 },
          got: compareTo(naive, ({ requestsPerSecond }) => requestsPerSecond, attack, 'held'),
        },
      ]),
      table: [
        ['contender', 'phase', 'p99 ms', 'req/s', 'lost', 'holding'],
        ...toRows('undici', naive),
        ...toRows('portcullis', ours),
      ],
      notes: ['16 honest connections; a request is lost when it fails, or has no answer after two seconds.'],
    }
  },
}

async function observe(bench: Bench, contender: Contender, upstream: string, rounds: number): Promise<Round[]> {
  const running = await contender.start({ bench, upstream })
  await using _ = running.program
  const results: Round[] = []
  // Warms up.
  await observeHonest(bench, running.origin)
  for (let round = 0; round < rounds; round++) {
    const calm = await observeHonest(bench, running.origin)
    const attacked: AttackView[] = []
    for (const attack of attacks) attacked.push(await observeAttack(bench, running, attack))
    results.push({ calm, attacked })
    bench.say(`round ${round + 1}/${rounds} ${contender.name}`)
  }
  return results
}

function toClaims(text: string, rounds: readonly Round[], attack: number): Claim[] {
  const readP99 = ({ p99Ms }: Honest) => p99Ms ?? Number.POSITIVE_INFINITY
  return [
    {
      text: `${text} held: p99 of honest requests vs none held`,
      must: { ratio: '<=', value: 2 },
      got: compareTo(rounds, readP99, attack, 'held'),
    },
    {
      text: `${text} held: honest requests lost`,
      must: { amount: '<=', value: 0, unit: 'requests' },
      got: countLost(rounds, attack, 'held'),
    },
    {
      text: `${text} arriving: p99 of honest requests vs none held`,
      must: { report: 'ratio' },
      got: compareTo(rounds, readP99, attack, 'arriving'),
    },
    {
      text: `${text} arriving: honest requests lost`,
      must: { amount: '<=', value: 0, unit: 'requests' },
      got: countLost(rounds, attack, 'arriving'),
    },
  ]
}

type Phase = 'arriving' | 'held'

function compareTo(rounds: readonly Round[], pick: (honest: Honest) => number, attack: number, phase: Phase) {
  const attacked = rounds.map((round) => pick((round.attacked[attack] as AttackView)[phase]))
  return toSpread(
    pairedRatios(
      attacked,
      rounds.map(({ calm }) => pick(calm)),
    ),
  )
}

/** Of all rounds together: one lost request in one round is one too many. */
function countLost(rounds: readonly Round[], attack: number, phase: Phase) {
  return toSpread([rounds.reduce((sum, round) => sum + (round.attacked[attack] as AttackView)[phase].lost, 0)])
}

function toRows(name: string, rounds: readonly Round[]): string[][] {
  const toRow = (phase: string, { p99Ms, requestsPerSecond, lost }: Honest, holding: number) => {
    return [name, phase, p99Ms?.toFixed(1) ?? '–', requestsPerSecond.toFixed(0), `${lost}`, `${holding}`]
  }
  return rounds.flatMap(({ calm, attacked }) => [
    toRow('none held', calm, 0),
    ...attacked.flatMap(({ arriving, held, holding }, i) => [
      toRow(`${attacks[i]?.text} arriving`, arriving, holding),
      toRow(`${attacks[i]?.text} held`, held, holding),
    ]),
  ])
}
