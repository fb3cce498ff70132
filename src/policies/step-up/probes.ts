import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { StepUpOptions } from './options.ts'

export function createProbes(_options: StepUpOptions, { method, path, observe }: ProbeTarget): readonly Probe[] {
  return [
    {
      name: 'a caller who logged in strongly and lately passes',
      kind: 'honest',
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
    {
      name: 'a caller whose credential does not say how and when they logged in',
      kind: 'attack',
      standard: 'RFC 9470 section 3',
      requests: [{ method, path, as: 'stranger' }],
      expect: observe ? { outcome: 'passed' } : { outcome: 'refused', status: [401], problem: ['unauthenticated'] },
    },
    {
      name: 'nobody at all',
      kind: 'attack',
      standard: 'v5.0.0-8.3.1',
      requests: [{ method, path, as: 'none' }],
      expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'] },
    },
  ]
}
