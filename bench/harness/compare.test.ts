import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from './claim.ts'
import { type Comparison, compare, compareFields, findDoubts } from './compare.ts'
import type { Sample } from './sample.ts'
import type { Measured } from './scenario.ts'

const comparison: Comparison = { text: 'ours vs theirs', of: 'ours', to: 'theirs', must: { ratio: '>=', value: 1.2 } }

function sample(requestsPerSecond: number, others: Partial<Sample> = {}): Sample {
  const quiet = { failed: 0, serverMicros: 50, serverShare: 1, foreignShare: 0, loadShare: 0.5 }
  return { requestsPerSecond, p50Ms: 1, p99Ms: 2, ...quiet, ...others }
}

function measured(name: string, samples: readonly Sample[], others: Partial<Measured> = {}): Measured {
  return { name, description: '', fields: [], samples, ...others }
}

test('compares round by round', () => {
  // The ratio of the medians would be 200 / 100; the rounds say 1.5, 2 and 1.
  const rounds = [
    measured(
      'ours',
      [150, 200, 300].map((rate) => sample(rate)),
    ),
  ]
  const [claim] = compare(
    [
      ...rounds,
      measured(
        'theirs',
        [100, 100, 300].map((rate) => sample(rate)),
      ),
    ],
    [comparison],
  )
  assert.deepEqual(claim?.got, { median: 1.5, min: 1, max: 2 })
})

test('tells the ratio by CPU time too, which a disturbed machine distorts least', () => {
  const ours = measured('ours', [sample(100, { serverMicros: 40 }), sample(100, { serverMicros: 50 })])
  const theirs = measured('theirs', [sample(100, { serverMicros: 20 }), sample(100, { serverMicros: 25 })])
  assert.equal(compare([ours, theirs], [comparison])[0]?.beside, 'by CPU time 0.50 ×')
  const unknown = measured('theirs', [sample(100, { serverMicros: null }), sample(100, { serverMicros: null })])
  assert.equal(compare([ours, unknown], [comparison])[0]?.beside, undefined)
})

test('a contender that failed requests is not compared', () => {
  const rounds = [measured('ours', [sample(500, { failed: 1 })]), measured('theirs', [sample(100)])]
  const [claim] = compare(rounds, [comparison])
  assert.equal(judge(claim as NonNullable<typeof claim>), 'not measured')
  assert.match(claim?.why ?? '', /ours failed 1 requests/)
})

test('a contender that could not run leaves its claim open and says why', () => {
  const rounds = [measured('ours', [sample(500)]), measured('theirs', [], { unavailable: 'it is not installed' })]
  const [claim] = compare(rounds, [comparison])
  assert.equal(claim?.got, null)
  assert.equal(claim?.why, 'theirs: it is not installed')
})

test('a comparison with a contender that nobody defined is a mistake', () => {
  assert.throws(() => compare([measured('ours', [sample(1)])], [comparison]), /no contender "theirs"/)
})

test('says where the load was the limit or others disturbed', () => {
  const calm = measured('calm', [sample(1)])
  const limited = measured('limited', [sample(1, { serverShare: 0.7, loadShare: 1 })])
  const disturbed = measured('disturbed', [sample(1, { serverShare: 0.7, foreignShare: 0.3 })])
  const doubts = findDoubts([calm, limited, disturbed])
  assert.equal(doubts.length, 2)
  assert.match(doubts[0] as string, /^limited: the load was at its limit.* about 20000 req\/s/)
  assert.match(doubts[1] as string, /^disturbed: other work/)
})

test('tells which header fields only one of two sends', () => {
  const ours = measured('ours', [], { fields: ['content-type', 'x-request-id'] })
  const theirs = measured('theirs', [], { fields: ['content-type', 'server'] })
  assert.deepEqual(compareFields([ours, theirs], 'ours', 'theirs'), [
    'Only ours sends x-request-id.',
    'Only theirs sends server.',
  ])
  assert.deepEqual(compareFields([ours, { ...theirs, fields: ours.fields }], 'ours', 'theirs'), [
    'ours and theirs send the same header fields.',
  ])
  assert.deepEqual(compareFields([ours, measured('theirs', [])], 'ours', 'theirs'), [])
})
