import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { AbacOptions } from './options.ts'

/** What policies permit is not known here; what nobody may is. */
export function createProbes({ policy }: AbacOptions, { method, path, observe }: ProbeTarget): readonly Probe[] {
  const refused = (status: number): Probe['expect'] =>
    observe ? { outcome: 'passed' } : { outcome: 'refused', status: [status, 403] }
  return [
    {
      name: 'nobody at all',
      kind: 'attack',
      standard: 'v5.0.0-8.3.1',
      requests: [{ method, path, as: 'none' }],
      expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'] },
    },
    ...policy.query.slice(0, 1).map(
      (name): Probe => ({
        name: `the query parameter ${name} twice`,
        kind: 'attack',
        standard: 'v5.0.0-2.2.3',
        requests: [{ method, path, query: `${name}=1&${name}=2` }],
        expect: refused(400),
      }),
    ),
    ...(policy.body && method !== 'GET' && method !== 'HEAD'
      ? [
          {
            name: 'a body that repeats a member',
            kind: 'attack' as const,
            standard: 'v5.0.0-1.5.3',
            requests: [
              { method, path, headers: [['content-type', 'application/json']] as const, body: '{"id":"1","id":"2"}' },
            ],
            expect: refused(400),
          },
        ]
      : []),
  ]
}
