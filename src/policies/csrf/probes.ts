import type { FieldPairs } from '../../core/decision.ts'
import { createOriginSet } from '../../core/origin.ts'
import type { Probe, ProbeTarget } from '../../core/probe.ts'
import { isSessionPolicy } from '../session-policies.ts'
import type { CsrfOptions } from './options.ts'
import { tokenPath } from './token-endpoint.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createProbes(options: CsrfOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, route } = target
  if (route.path === tokenPath) return [createEndpointProbe(target)]
  const ours = isSessionPolicy(target.callerBy) && route.authenticated
  // Cookies of the upstream are only looked at where nobody was identified.
  const cookie = ours ? null : sampleCookie(options, target)
  if (safe.has(method) || (!ours && cookie === null)) return []
  const send = (headers: FieldPairs) => ({
    method,
    path,
    headers: cookie === null ? headers : [['cookie', cookie] as const, ...headers],
  })
  const outcome = target.observe ? ('passed' as const) : ('refused' as const)
  const probes: Probe[] = [
    {
      name: 'pages of other origins cannot act for their users',
      kind: 'attack',
      standard: 'v5.0.0-3.5.1',
      requests: toForeignFields(options).map(send),
      expect: { outcome, judge: 'every', ...(!target.observe && { problem: ['forbidden' as const] }) },
    },
  ]
  if (ours) {
    probes.push(
      {
        name: 'a page of the same origin can',
        kind: 'honest',
        requests: [{ method, path }],
        expect: { outcome: 'passed' },
      },
      {
        name: 'a cookie alone is not enough',
        kind: 'attack',
        standard: 'v5.0.0-3.5.1',
        requests: [{ method, path, bare: true }],
        expect: { outcome, ...(!target.observe && { problem: ['forbidden' as const] }) },
      },
    )
  }
  if (options.token === 'require' && !target.observe) {
    probes.push({
      name: 'a token of somebody else is worth nothing',
      kind: 'attack',
      standard: 'v5.0.0-3.5.1',
      requests: ['A'.repeat(72), ''].map((token) =>
        send([
          ['sec-fetch-site', 'same-origin'],
          [options.tokenHeader, token],
        ]),
      ),
      expect: { outcome: 'refused', problem: ['forbidden'], judge: 'every' },
    })
  }
  return probes
}

function createEndpointProbe({ path }: ProbeTarget): Probe {
  return {
    name: 'pages of other origins get no token',
    kind: 'attack',
    standard: 'v5.0.0-3.5.1',
    requests: [
      { method: 'GET', path, as: 'none', toEndpoint: true, headers: [['sec-fetch-site', 'cross-site']] },
      { method: 'GET', path, as: 'none', toEndpoint: true, headers: [['origin', 'https://attacker.invalid']] },
    ],
    expect: { outcome: 'refused', problem: ['forbidden'], judge: 'every' },
  }
}

function sampleCookie({ cookies }: CsrfOptions, { route }: ProbeTarget): string | null {
  if (route.authenticated || cookies === 'session') return null
  return `${cookies === 'any' ? 'sid' : cookies[0]}=probe`
}

function toForeignFields({ trustedOrigins, sameSite }: CsrfOptions): FieldPairs[] {
  const attacker = 'https://attacker.invalid'
  const trusted = createOriginSet(trustedOrigins).includes(attacker)
  return [
    [['sec-fetch-site', 'cross-site']],
    ...(sameSite ? [] : [[['sec-fetch-site', 'same-site']] as FieldPairs]),
    ...(trusted
      ? []
      : [
          [
            ['sec-fetch-site', 'same-origin'],
            ['origin', attacker],
          ] as FieldPairs,
        ]),
    [
      ['sec-fetch-site', 'cross-site'],
      ['origin', 'null'],
    ],
    [['sec-fetch-site', 'anything']],
  ]
}
