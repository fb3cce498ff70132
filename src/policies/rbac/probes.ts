import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { RbacOptions } from './options.ts'

export function createProbes(_options: RbacOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, observe } = target
  return [
    {
      name: 'a caller with the roles and scopes passes',
      kind: 'honest',
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
    {
      name: 'a caller without any role or scope',
      kind: 'attack',
      standard: 'v5.0.0-8.2.1',
      requests: [{ method, path, as: 'stranger' }],
      expect: observe ? { outcome: 'passed' } : { outcome: 'refused', status: [403], problem: ['forbidden'] },
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
