import { createHash } from 'node:crypto'
import { next } from '../../src/core/decision.ts'
import type { Exchange } from '../../src/core/exchange.ts'
import { injectionClasses } from '../../src/injection/finding.ts'
import { readInput } from '../../src/input/request-input.ts'
import { injection } from '../../src/policies/injection/index.ts'
import { measureGrowth } from '../../test/injection/growth.ts'
import { repeated } from '../../test/injection/slow-inputs.ts'
import { createTestExchange } from '../../test/support/exchange.ts'
import { measureLoop } from '../harness/measure-loop.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const milliseconds = 300
/** How many inputs are measured again and again, once it is known which ones grow most. */
const finalists = 5

/** What judging the values of a request costs, and whether it grows faster than they do. */
export const injectionCheck: Scenario = {
  name: 'injection-check',
  title: 'Injection: the check of a typical request, and the worst input',
  async run(bench) {
    const judge = await prepareRequest()
    const bytes = Buffer.alloc(10_000, 'x')
    const [checks, hashes]: [number[], number[]] = [[], []]
    for (let round = -1; round < bench.rounds; round++) {
      const check = measureLoop(milliseconds, judge)
      const hash = measureLoop(milliseconds, () => createHash('sha256').update(bytes).digest())
      // The first round only warms up.
      if (round < 0) continue
      checks.push(check)
      hashes.push(hash)
    }
    const { unit, ratios, nanoseconds } = findWorst(bench.rounds)
    return {
      claims: [
        {
          text: 'injection check of 8 parameters and 1 kB of JSON vs SHA-256 of 10 kB',
          must: { ratio: '<=', value: 3 },
          got: toSpread(pairedRatios(checks, hashes)),
        },
        {
          text: 'its time per byte at 1 MiB vs 1 KiB, for the input that grows most',
          must: { ratio: '<=', value: 2 },
          got: toSpread(ratios),
          beside: `${JSON.stringify(unit)} repeated`,
        },
      ],
      table: [
        ['what', 'microseconds'],
        ['check of the request', (toSpread(checks).median / 1000).toFixed(1)],
        ['SHA-256 of 10 kB', (toSpread(hashes).median / 1000).toFixed(1)],
        ['1 MiB of the slowest input', (nanoseconds * 1024 * 1.024).toFixed(0)],
      ],
      notes: [
        `Worst of ${repeated.length} repeated inputs that fuzzing and reading the scanners suggested, with every detector reading on to the end.`,
        'The request is parsed already: what reads it is shared by all policies of the stage.',
      ],
    }
  },
}

/** The policy's own hook on a request that was read before, as the second policy of a stage finds it. */
async function prepareRequest(): Promise<() => void> {
  const { exchange, pipeline } = await createTestExchange({
    policies: [{ policy: injection }],
    method: 'POST',
    query: new URLSearchParams({
      q: "children's blue mug",
      category: 'home & garden',
      page: '2',
      sort: '-created,name',
      from: '2026-01-01',
      to: '2026-02-01T10:11:12+01:00',
      ref: 'https://news.example/?id=42&utm=mail',
      session: '550e8400-e29b-41d4-a716-446655440000',
    }).toString(),
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Firefox/141.0',
    },
    body: JSON.stringify(toOrder()),
  })
  await exchange.body.collect(1 << 20)
  await readInput(exchange).body
  const validate = pipeline.hooks[0]?.validate as (exchange: Exchange) => unknown
  if (validate(exchange) !== next) throw new Error('an honest request was refused, or could not be judged at once')
  return () => void validate(exchange)
}

/** About 1 kB of JSON. */
function toOrder() {
  const item = (id: number, name: string) => ({
    id,
    sku: `SKU-${id}/B`,
    name,
    quantity: 2,
    price: 1299,
    currency: 'EUR',
  })
  return {
    customer: { name: "Nora O'Brien", email: 'nora@example.com', phone: '+353 1 555 0100', vip: false },
    address: { street: "14 King's Road", city: 'Dublin', zip: 'D02 X285', country: 'IE' },
    items: [item(1, 'Blue mug (350 ml)'), item(2, '12" vinyl; black & white'), item(3, "Men's socks"), item(4, 'Lamp')],
    note: "Please leave it at the neighbours' door if nobody's in -- and don't ring; the baby sleeps from 1 to 3.",
    tags: ['gift', 'fragile', 'express'],
    createdAt: '2026-01-02T10:11:12.345Z',
    payment: { method: 'card', token: 'tok_4f8a1b2c3d4e5f60718293a4b5c6d7e8', last4: '4242', status: 'authorised' },
  }
}

function findWorst(rounds: number) {
  const asked = { classes: new Set(injectionClasses), threshold: 11 }
  const first = repeated.map((unit) => ({ unit, ...measureGrowth(unit, asked, 1 << 18, 1) }))
  const candidates = first.toSorted((a, b) => b.ratio - a.ratio).slice(0, finalists)
  const measured = candidates.map(({ unit }) => ({
    unit,
    ratios: Array.from({ length: rounds }, () => measureGrowth(unit, asked).ratio),
  }))
  const worst = measured.toSorted((a, b) => toSpread(b.ratios).median - toSpread(a.ratios).median)[0]
  if (worst === undefined) throw new Error('nothing was measured')
  return { ...worst, nanoseconds: Math.max(...first.map(({ large }) => large)) }
}
