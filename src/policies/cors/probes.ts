import { createOriginSet, toSampleOrigin } from '../../core/origin.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { isSessionPolicy } from '../session-policies.ts'
import type { CorsOptions } from './options.ts'

const allow = 'access-control-allow-origin'
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createCorsProbes(options: CorsOptions, target: ProbeTarget): readonly Probe[] {
  // An observed policy changes nothing, so there is nothing to show.
  if (target.observe) return []
  if (options.origins.includes('*')) return [createWildcardProbe(target)]
  const listed = toSampleOrigin(options.origins[0] as string, 'probe')
  const foreign = toForeignOrigins(options, listed)
  const answers: Probe = {
    name: 'pages of other origins cannot read an answer',
    kind: 'attack',
    standard: 'v5.0.0-3.4.2',
    requests: foreign.map((origin) => toRequest(target, origin)),
    expect: {
      headers: { [allow]: null, 'access-control-allow-credentials': null },
      judge: 'every',
      ...(isRefused(options, target) && { outcome: 'refused' as const, problem: ['forbidden' as const] }),
    },
  }
  const preflights: Probe = {
    name: 'pages of other origins get no preflight granted',
    kind: 'attack',
    standard: 'v5.0.0-3.4.2',
    requests: foreign.map((origin) => toPreflight(target, origin)),
    expect: { outcome: 'refused', problem: ['forbidden'], headers: { [allow]: null }, judge: 'every' },
  }
  const honest: Probe[] = [
    {
      name: 'a listed page gets its preflight granted',
      kind: 'honest',
      requests: [toPreflight(target, listed)],
      expect: { status: [204], headers: { [allow]: listed, vary: /\borigin\b/i } },
    },
    {
      name: 'a listed page can read the answer',
      kind: 'honest',
      requests: [toRequest(target, listed)],
      // Whether it may also act with its user's cookie is up to others: a refusal can be read as well.
      expect: {
        ...(!actsByCookie(target) && { outcome: 'passed' as const }),
        headers: { [allow]: listed, vary: /\borigin\b/i },
      },
    },
    {
      name: 'shared caches keep answers for different origins apart',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed', headers: { [allow]: null, vary: /\borigin\b/i } },
    },
  ]
  return [answers, preflights, ...honest]
}

function createWildcardProbe(target: ProbeTarget): Probe {
  return {
    name: 'every page may read the answer, none with the cookies of its user',
    kind: 'honest',
    requests: [toRequest(target, 'https://page.invalid')],
    expect: { headers: { [allow]: '*', 'access-control-allow-credentials': null } },
  }
}

function actsByCookie({ method, callerBy, route }: ProbeTarget): boolean {
  return !safeMethods.has(method) && (isSessionPolicy(callerBy) || !route.authenticated)
}

function isRefused({ enforceOrigin }: CorsOptions, { method }: ProbeTarget): boolean {
  if (enforceOrigin === 'off') return false
  return enforceOrigin === 'all' || !safeMethods.has(method)
}

/** Origins that careless comparisons (prefix, suffix, case, scheme) take for the listed one. */
function toForeignOrigins(options: CorsOptions, listed: string): string[] {
  const [scheme = '', host = ''] = listed.split('://')
  const lookalikes = [
    'https://attacker.invalid',
    `${listed}.attacker.invalid`,
    `${scheme}://attacker${host}`,
    `${scheme}://${host.toUpperCase()}`,
    `${listed}@attacker.invalid`,
    `https://attacker.invalid/${host}`,
    `${scheme === 'https' ? 'http' : 'https'}://${host}`,
    ...(host.includes(':') ? [] : [`${listed}.`, `${listed}:8444`]),
    ...(options.unsafeAllowNullOrigin === undefined ? ['null'] : []),
  ]
  const set = createOriginSet(options.origins)
  return lookalikes.filter((origin) => !set.includes(origin))
}

function toRequest({ method, path }: ProbeTarget, origin: string): ProbeRequest {
  return { method, path, headers: [['origin', origin]] }
}

function toPreflight({ method, path }: ProbeTarget, origin: string): ProbeRequest {
  return {
    method: 'OPTIONS',
    path,
    headers: [
      ['origin', origin],
      ['access-control-request-method', method],
      ['access-control-request-headers', 'authorization'],
    ],
    as: 'none',
  }
}
