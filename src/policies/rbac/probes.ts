import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { RbacOptions } from './options.ts'

export function createProbes({ methods = {}, ...demands }: RbacOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, observe } = target
  const asksAlways = Object.values(demands).some((one) => one !== undefined)
  // HEAD follows GET.
  const asked = new Set([...(asksAlways ? [method] : []), ...Object.keys(methods)])
  return [
    {
      name: 'a caller with the roles, permissions and scopes passes',
      kind: 'honest',
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
    ...[...asked].map(
      (one): Probe => ({
        name: one === method ? 'a caller without any role or scope' : `a caller without any role or scope, by ${one}`,
        kind: 'attack',
        standard: 'v5.0.0-8.2.1',
        requests: [{ method: one, path, as: 'stranger' }],
        expect: observe ? { outcome: 'passed' } : { outcome: 'refused', status: [403], problem: ['forbidden'] },
      }),
    ),
    {
      name: 'nobody at all',
      kind: 'attack',
      standard: 'v5.0.0-8.3.1',
      requests: [{ method, path, as: 'none' }],
      expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'] },
    },
  ]
}
