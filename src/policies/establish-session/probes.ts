import type { Probe, ProbeTarget } from '../../core/probe.ts'
import { createSessionSecret } from '../../crypto/session-secret.ts'
import { readSettings, sessionsBlock } from '../sessions-block.ts'
import type { EstablishSessionOptions } from './options.ts'
import { sessionField } from './session-field.ts'

/** What the upstream answers cannot be seen from outside; what a client says in its place, and where it comes from, can. */
export function createProbes(_options: EstablishSessionOptions, target: ProbeTarget): readonly Probe[] {
  const { cookie } = target.block === undefined ? sessionsBlock.parse({}) : readSettings(target.block)
  const { method, path, route } = target
  const unsafe = !['GET', 'HEAD', 'OPTIONS'].includes(method)
  const order = JSON.stringify({ subject: 'admin', roles: ['admin'] })
  const probes: Probe[] = [
    {
      name: 'a client cannot say who is logged in',
      kind: 'attack',
      standard: 'v5.0.0-7.2.4',
      requests: [{ method, path, headers: [[sessionField, order]] }],
      expect: { headers: { 'set-cookie': null, [sessionField]: null } },
    },
  ]
  if (!route.authenticated) {
    const secret = createSessionSecret().text
    probes.push({
      name: 'a session of the attacker’s own choice is not taken over',
      kind: 'attack',
      standard: 'v5.0.0-7.2.4',
      requests: [{ method, path, headers: [['cookie', `${cookie}=${secret}`]] }],
      expect: { headers: { 'set-cookie': null } },
    })
  }
  if (unsafe) {
    probes.push({
      name: 'pages of other origins log nobody in',
      kind: 'attack',
      standard: 'v5.0.0-3.5.1',
      requests: [
        [['sec-fetch-site', 'cross-site'] as const],
        [['origin', 'https://attacker.invalid'] as const],
        [['origin', 'null'] as const],
      ].map((headers) => ({ method, path, headers: [...headers] })),
      expect: { outcome: 'refused', problem: ['forbidden'], judge: 'every' },
    })
  }
  return probes
}
