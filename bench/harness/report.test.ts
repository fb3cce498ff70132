import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Report, type ScenarioReport, toDigits, toMarkdown } from './report.ts'

function report(scenario: Partial<ScenarioReport>): Report {
  return {
    startedAt: '2026-01-01T00:00:00.000Z',
    rounds: 5,
    seconds: 4,
    machine: { processor: '2 × some core' },
    scenarios: [{ name: 'one', title: 'One scenario', claims: [], notes: [], ...scenario }],
  }
}

test('each claim is a row with what it must reach, what was measured, its range and the verdict', () => {
  const text = toMarkdown(
    report({
      claims: [
        {
          text: 'fast',
          must: { ratio: '>=', value: 1.2 },
          got: { median: 1.25, min: 1.1, max: 1.5 },
          beside: 'by CPU time 1.3 ×',
        },
        { text: 'small', must: { amount: '<=', value: 64, unit: 'bytes' }, got: { median: 80, min: 80, max: 80 } },
        { text: 'start', must: { report: 'amount', unit: 'ms' }, got: null, why: 'it is not built' },
      ],
    }),
  )
  assert.match(
    text,
    /\| fast \| >= 1\.2 × \| 1\.25 × \(1\.1–1\.5\); by CPU time 1\.3 × \| met \(the range touches the bound\) \|/,
  )
  assert.match(text, /\| small \| <= 64 bytes \| 80 bytes \| missed \|/)
  assert.match(text, /\| start \| report \| it is not built \| not measured \|/)
  assert.match(text, /- processor: 2 × some core/)
})

test('a contender that could not run says why, and one that ran shows its median and range', () => {
  const quiet = { p50Ms: 1, p99Ms: 2, failed: 0, serverMicros: 50, foreignShare: 0, loadShare: 0.5 }
  const samples = [100, 300, 200].map((rate) => ({ ...quiet, requestsPerSecond: rate, serverShare: 0.99 }))
  const text = toMarkdown(
    report({
      contenders: [
        { name: 'ours', description: 'what it does', fields: [], samples },
        { name: 'theirs', description: '', fields: [], samples: [], unavailable: 'it is not installed' },
      ],
    }),
  )
  assert.match(text, /\| ours \| 200 \| 100–300 \| 1 \| 2 \| 50 \| 99 % \| 50 % \| 0 \| what it does \|/)
  assert.match(text, /\| theirs \|.*\| it is not installed \|/)
})

test('a scenario that broke is told, not left out', () => {
  assert.match(toMarkdown(report({ error: 'the port was taken' })), /## One scenario\n\n- failed: the port was taken/)
})

test('numbers keep the digits that say something', () => {
  assert.deepEqual([0, 0.12345, 1.2345, 12.345, 123.45, 123_456].map(toDigits), [
    '0',
    '0.123',
    '1.23',
    '12.3',
    '123',
    '123456',
  ])
})
