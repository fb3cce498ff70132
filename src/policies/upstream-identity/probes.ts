import type { Probe } from '../../core/probe.ts'
import type { UpstreamIdentityOptions } from './options.ts'

/** What the upstream is told cannot be seen from outside; that its keys are there for it can. */
export function createProbes({ jwksPath }: UpstreamIdentityOptions): readonly Probe[] {
  return [
    {
      name: 'the public keys are there for everyone',
      kind: 'honest',
      requests: [{ method: 'GET', path: jwksPath, as: 'none' }],
      expect: { outcome: 'passed' },
    },
    {
      name: 'the public keys cannot be written',
      kind: 'attack',
      requests: [{ method: 'PUT', path: jwksPath, as: 'none', body: '{"keys":[]}' }],
      expect: { outcome: 'refused', status: [405], problem: ['method_not_allowed'] },
    },
  ]
}
