import { JsonScanner } from '../../src/core/json-scanner.ts'
import { options } from '../../src/policies/structure-limits/options.ts'
import { measureLoop } from '../harness/measure-loop.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const sizes = [1_000, 100_000, 10_000_000] as const
const milliseconds = 300

/** What bodies of APIs look like: records, numbers, prose, and one object of many members. */
const shapes: Readonly<Record<string, (bytes: number) => unknown>> = {
  orders: (bytes) => Array.from({ length: Math.ceil(bytes / 245) }, (_, i) => toOrder(i)),
  numbers: (bytes) => Array.from({ length: Math.ceil(bytes / 9) }, (_, i) => (i % 2 === 0 ? i : i / 8)),
  prose: (bytes) => ({ text: 'It was a bright cold day in April, 人人生而自由. '.repeat(Math.ceil(bytes / 60)) }),
  members: (bytes) => Object.fromEntries(Array.from({ length: Math.ceil(bytes / 22) }, (_, i) => [`property_${i}`, i])),
}

/** Judging the structure of a body beside parsing it, both from its bytes. */
export const structureScan: Scenario = {
  name: 'structure-scan',
  title: 'Structure scan of JSON beside JSON.parse of the same bytes',
  async run(bench) {
    const { json } = options.parse({})
    // Larger documents than the defaults let pass are measured as well.
    const scanner = new JsonScanner({ ...json, maxMembers: 1e9, maxItems: 1e9, maxStringBytes: 1e9 })
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const cases = Object.entries(shapes).flatMap(([shape, make]) =>
      sizes.map((size) => {
        const bytes = Buffer.from(JSON.stringify(make(size)))
        const fault = scanner.scan(bytes)
        if (fault !== null) throw new Error(`${shape}: ${fault.rule}`)
        return { shape, size, bytes, scans: [] as number[], parses: [] as number[] }
      }),
    )
    for (let round = -1; round < bench.rounds; round++) {
      for (const { bytes, scans, parses } of cases) {
        const [scan, parse] = [
          measureLoop(milliseconds, () => scanner.scan(bytes), batchFor(bytes)),
          measureLoop(milliseconds, () => JSON.parse(decoder.decode(bytes)), batchFor(bytes)),
        ]
        // The first round only warms up.
        if (round < 0) continue
        scans.push(scan)
        parses.push(parse)
      }
    }
    return {
      claims: cases.map(({ shape, size, scans, parses }) => ({
        text: `structure scan vs JSON.parse, throughput: ${shape}, ${size / 1000} kB`,
        must: { ratio: '>=', value: 0.5 },
        got: toSpread(pairedRatios(parses, scans)),
      })),
      table: [
        ['shape', 'bytes', 'scan MB/s', 'JSON.parse MB/s'],
        ...cases.map(({ shape, bytes, scans, parses }) => [
          shape,
          `${bytes.length}`,
          toSpeed(bytes, scans),
          toSpeed(bytes, parses),
        ]),
      ],
      notes: ['Both begin with bytes: parsing decodes them, and the scan checks that they are UTF-8.'],
    }
  },
}

function batchFor({ length }: Buffer): number {
  return length < 10_000 ? 1000 : length < 1_000_000 ? 20 : 1
}

function toSpeed({ length }: Buffer, nanoseconds: readonly number[]): string {
  return ((length * 1000) / toSpread(nanoseconds).median).toFixed(0)
}

function toOrder(i: number) {
  return {
    id: `ord_${i}`,
    customer: { id: i * 7, name: "Ada O'Brien", email: `ada${i}@example.com` },
    items: [
      { sku: 'A-1', count: 2, price: 19.99 },
      { sku: 'B-2', count: 1, price: 5 },
    ],
    note: 'please ring twice, the bell is quiet',
    paid: true,
  }
}
