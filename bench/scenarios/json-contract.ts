import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { compileSchema } from '../../src/contract/schema/compile-schema.ts'
import { measureLoop } from '../harness/measure-loop.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const milliseconds = 300

/** Judging a body of 1 kB by its schema, beside bare ajv. */
export const jsonContract: Scenario = {
  name: 'json-contract',
  title: 'A 1 kB JSON body and its schema',
  async run(bench) {
    const text = JSON.stringify(order())
    const own = compileSchema(schema, { direction: 'request', unknownProperties: 'refuse' })
    const ajv = new Ajv2020()
    addFormats.default(ajv)
    const bare = ajv.compile(schema)
    const contenders = [
      { name: 'JSON.parse and bare ajv', run: () => bare(JSON.parse(text)) === true },
      { name: 'JSON.parse and the contract', run: () => own.judge(JSON.parse(text), 'body', '').length === 0 },
    ].map((one) => ({ ...one, samples: [] as number[] }))
    for (const { name, run } of contenders) if (!run()) throw new Error(`${name} refuses the body`)
    for (let round = -1; round < bench.rounds; round++) {
      for (const { run, samples } of contenders) {
        const nanoseconds = measureLoop(milliseconds, run)
        // The first round only warms up.
        if (round >= 0) samples.push(nanoseconds)
      }
    }
    const [peer, ours] = contenders as [(typeof contenders)[0], (typeof contenders)[0]]
    return {
      claims: [
        {
          text: 'validating a 1 kB JSON body vs JSON.parse and bare ajv',
          must: { ratio: '<=', value: 1.5 },
          got: toSpread(pairedRatios(ours.samples, peer.samples)),
        },
      ],
      table: [
        ['', 'ns per body', 'range'],
        ...contenders.map(({ name, samples }) => {
          const { median, min, max } = toSpread(samples)
          return [name, median.toFixed(0), `${min.toFixed(0)}–${max.toFixed(0)}`]
        }),
      ],
      notes: [
        `The body has ${text.length} bytes: an order with an address and six items, of which formats, patterns and ranges are asked.`,
        'Bare ajv lets unknown and inherited names pass; the contract refuses them. The structure scan is a row of its own.',
      ],
    }
  },
}

function order() {
  const item = (i: number) => ({
    sku: `tea-${i}`,
    name: `Darjeeling no. ${i}`,
    count: i + 1,
    price: 19.99,
    tags: ['organic', 'first-flush'],
  })
  return {
    id: '7f4df2a0-3f3b-4d2e-9d3c-1b1f6c1f2a10',
    email: 'mary.o-brien@example.com',
    placedAt: '2026-03-01T12:30:00Z',
    currency: 'EUR',
    address: { street: 'Main Street 5', city: 'Dublin', zip: 'D01 F5P2', country: 'IE' },
    items: Array.from({ length: 6 }, (_, i) => item(i)),
    note: 'Please leave the parcel with the neighbours, the bell is broken and the dog is loud but friendly.',
    gift: false,
  }
}

const schema = {
  type: 'object',
  required: ['email', 'currency', 'address', 'items'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    email: { type: 'string', format: 'email', maxLength: 254 },
    placedAt: { type: 'string', format: 'date-time' },
    currency: { enum: ['EUR', 'GBP', 'USD'] },
    address: { $ref: '#/$defs/address' },
    items: { type: 'array', minItems: 1, maxItems: 100, items: { $ref: '#/$defs/item' } },
    note: { type: 'string', maxLength: 500 },
    gift: { type: 'boolean' },
  },
  $defs: {
    address: {
      type: 'object',
      required: ['street', 'city', 'country'],
      properties: {
        street: { type: 'string', minLength: 1, maxLength: 100 },
        city: { type: 'string', minLength: 1, maxLength: 100 },
        zip: { type: 'string', maxLength: 12 },
        country: { type: 'string', pattern: '^[A-Z]{2}$' },
      },
    },
    item: {
      type: 'object',
      required: ['sku', 'count'],
      properties: {
        sku: { type: 'string', pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$', maxLength: 40 },
        name: { type: 'string', maxLength: 100 },
        count: { type: 'integer', minimum: 1, maximum: 1000 },
        price: { type: 'number', minimum: 0 },
        tags: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 10 },
      },
    },
  },
}
