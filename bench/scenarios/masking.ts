import { compare } from '../harness/compare.ts'
import type { Contender } from '../harness/contender.ts'
import { runRounds } from '../harness/rounds.ts'
import type { Scenario } from '../harness/scenario.ts'
import { path } from '../load/answer.ts'
import { startGateway } from '../peers/portcullis.ts'
import { startUpstream } from '../peers/upstream.ts'

/** About 10 kB of JSON with a few values to hide, as a list of customers would be. */
const customers = JSON.stringify(
  Array.from({ length: 55 }, (_, i) => ({
    id: 10_000_000 + i,
    name: `Customer number ${i}`,
    since: '2026-01-02T03:04:05.678Z',
    ref: `550e8400-e29b-41d4-a716-4466554400${String(i).padStart(2, '0')}`,
    note: 'asked for a blue one, will call again on Monday',
    ...(i % 10 === 0 && { email: `customer${i}@example.com`, card: '4111 1111 1111 1111' }),
  })),
)

const few = '{ cardNumber: last4, email: partial, secret: redact }'
const many =
  '{ cardNumber: last4, email: partial, phone: redact, iban: last4, secret: redact, privateKey: redact, usSsn: redact, ' +
  'esDni: redact, brCpf: redact, itCodiceFiscale: redact, ukNino: redact, inAadhaar: redact }'

/** What searching answers costs: everything else on the route is the same. */
export const masking: Scenario = {
  name: 'masking',
  title: 'Gateway: 10 kB of JSON masked, vs the same passed on',
  async run(bench) {
    const upstream = await startUpstream(bench, customers)
    await using _ = upstream.program
    const contenders = await runRounds(bench, {
      contenders: [
        contender('plain', 'gateway without the policy', null),
        contender('masked', 'three kinds of values', `{ values: ${few} }`),
        contender(
          'masked-much',
          'twelve kinds and two fields',
          `{ values: ${many}, fields: { /*/since: redact, /*/ref: remove } }`,
        ),
      ],
      upstream: upstream.origin,
      path,
      connections: 64,
      tokens: () => bench.tokens.repeating,
    })
    const must = { report: 'ratio' } as const
    return {
      claims: compare(contenders, [
        { text: 'three kinds of values in 10 kB of JSON masked, vs passed on', of: 'masked', to: 'plain', must },
        { text: 'twelve kinds and two fields masked, vs passed on', of: 'masked-much', to: 'plain', must },
      ]),
      contenders,
      notes: [`The answer has ${customers.length} bytes, and twelve values in it are hidden.`],
    }
  },
}

function contender(name: string, description: string, mask: string | null): Contender {
  return {
    name,
    description,
    authenticates: true,
    start: (setting) =>
      startGateway(setting, {
        name,
        workers: 1,
        cores: setting.bench.cores.server,
        ...(mask !== null && { defaults: `  mask: ${mask}\n` }),
      }),
  }
}
