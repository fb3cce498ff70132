import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { ErrorMaskingOptions } from './options.ts'

/** No request makes an upstream err from outside; what can be proven is that nobody is in the way of what passes. */
export function createProbes(_options: ErrorMaskingOptions, { method, path }: ProbeTarget): readonly Probe[] {
  return [
    {
      name: 'an ordinary request passes',
      kind: 'honest',
      standard: 'v5.0.0-16.5.1',
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
  ]
}
