import type { Probe, ProbeAnswer, ProbeExpectation, ProbeTarget } from '../../core/probe.ts'
import { toJsonAnswer } from '../made-up-answer.ts'
import type { ErrorMaskingOptions } from './options.ts'

const leaks: Readonly<Record<string, string>> = {
  'a stack trace': `Error: no order\n    at findOrder (/srv/app/probe-orders.js:10:5)\n    at node:internal/main:1:1`,
  'a database error': 'SQLSTATE[42P01]: syntax error at or near "probe-orders.js"',
}

export function createProbes(
  { replace }: ErrorMaskingOptions,
  { method, path, observe }: ProbeTarget,
): readonly Probe[] {
  const standard = 'v5.0.0-16.5.1'
  const probe = (name: string, kind: Probe['kind'], answer: ProbeAnswer, body: ProbeExpectation['body']): Probe => ({
    name,
    kind,
    standard,
    requests: [{ method, path, answer }],
    expect: { outcome: 'passed', status: [answer.status], ...(body !== undefined && { body }) },
  })
  const hidden = (text: string) => (observe ? { includes: [text] } : { excludes: [text] })
  return [
    {
      name: 'an ordinary request passes',
      kind: 'honest',
      standard,
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
    ...Object.entries(leaks).map(([what, detail]) =>
      probe(`${what} in an error`, 'attack', toJsonAnswer({ detail }, 404), hidden('probe-orders.js')),
    ),
    replace === 'all'
      ? probe(
          'an error in words of its own',
          'attack',
          toJsonAnswer({ detail: 'probe-words' }, 409),
          hidden('probe-words'),
        )
      : probe('an error without a leak passes', 'honest', toJsonAnswer({ detail: 'probe-words' }, 409), {
          includes: ['probe-words'],
        }),
  ]
}
