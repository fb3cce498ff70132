import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { AnswerTypesOptions } from './options.ts'

/** What types an upstream answers with cannot be seen from outside without reaching it; refusals have theirs. */
export function createProbes(_options: AnswerTypesOptions, { method, path }: ProbeTarget): readonly Probe[] {
  return [
    {
      name: 'an ordinary request passes',
      kind: 'honest',
      standard: 'v5.0.0-4.1.1',
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
  ]
}
