import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { createSessionSecret } from '../../crypto/session-secret.ts'
import { readSettings, sessionsBlock } from '../sessions-block.ts'
import type { SessionOptions } from './options.ts'

/** A session that a caller might have, and cookies that nobody was given. */
export function createProbes({ logout }: SessionOptions, target: ProbeTarget): readonly Probe[] {
  const { cookie } = target.block === undefined ? sessionsBlock.parse({}) : readSettings(target.block)
  const { text } = createSessionSecret()
  const attack = (name: string, value: string | null, more: Partial<ProbeRequest> = {}): Probe => ({
    name,
    kind: 'attack',
    standard: 'v5.0.0-7.2.1',
    requests: [
      {
        method: target.method,
        path: target.path,
        as: 'none',
        headers: [...(value === null ? [] : [['cookie', value] as const]), ['sec-fetch-site', 'same-origin']],
        ...more,
      },
    ],
    expect: { outcome: 'refused', status: [401] },
  })
  const probes: Probe[] = [
    {
      name: 'a caller with a valid credential passes',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed' },
    },
    attack('no session', null),
    attack('a session that never began', `${cookie}=${text}`),
    attack('a session of the attacker’s own choice', `${cookie}=attacker`),
    attack('an empty session', `${cookie}=`),
    attack('two sessions', `${cookie}=${text}; ${cookie}=${createSessionSecret().text}`),
    attack('a query in place of a session', `${cookie}=' or '1'='1`),
  ]
  if (logout !== undefined) {
    probes.push({
      name: 'pages of other origins log nobody out',
      kind: 'attack',
      standard: 'v5.0.0-3.5.1',
      requests: [
        {
          method: 'POST',
          path: logout.path,
          as: 'none',
          toEndpoint: true,
          headers: [
            ['cookie', `${cookie}=${text}`],
            ['sec-fetch-site', 'cross-site'],
            ['origin', 'https://attacker.invalid'],
          ],
        },
      ],
      expect: { outcome: 'refused', problem: ['forbidden'] },
    })
  }
  return probes
}
