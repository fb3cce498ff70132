import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { createSessionSecret } from '../../crypto/session-secret.ts'
import { readSettings, sessionsBlock } from '../sessions-block.ts'
import type { BrowserLoginOptions } from './options.ts'

/** Cookies that nobody was given, answers of the issuer that nobody asked for, and a person who is not logged in. */
export function createProbes({ paths }: BrowserLoginOptions, target: ProbeTarget): readonly Probe[] {
  const { cookie } = target.block === undefined ? sessionsBlock.parse({}) : readSettings(target.block)
  const { text } = createSessionSecret()
  const attack = (name: string, standard: string, requests: readonly ProbeRequest[], status: number): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests,
    expect: { outcome: 'refused', status: [status] },
  })
  const asNobody = (value: string | null): ProbeRequest => ({
    method: target.method,
    path: target.path,
    as: 'none',
    headers: [...(value === null ? [] : [['cookie', value] as const]), ['sec-fetch-site', 'same-origin']],
  })
  const toEndpoint = (request: ProbeRequest): ProbeRequest => ({ ...request, as: 'none', toEndpoint: true })
  const planted = toEndpoint({ method: 'GET', path: paths.callback, query: 'code=planted&state=planted' })
  const foreign = toEndpoint({
    method: 'POST',
    path: paths.logout,
    headers: [
      ['cookie', `${cookie}=${text}`],
      ['sec-fetch-site', 'cross-site'],
      ['origin', 'https://attacker.invalid'],
    ],
  })
  return [
    {
      name: 'a person who is logged in passes',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed' },
    },
    ...(target.method === 'GET' ? [createPageProbe(paths.login, target)] : []),
    attack('a script without a session', 'v5.0.0-7.2.1', [asNobody(null)], 401),
    attack('a session that never began', 'v5.0.0-7.2.1', [asNobody(`${cookie}=${text}`)], 401),
    attack('a session of the attacker’s own choice', 'v5.0.0-7.2.1', [asNobody(`${cookie}=attacker`)], 401),
    attack('two sessions', 'v5.0.0-7.2.1', [asNobody(`${cookie}=${text}; ${cookie}=${text}`)], 401),
    attack('an answer of the issuer that this browser never asked for', 'RFC 9700 section 4.7', [planted], 403),
    attack('pages of other origins log nobody out', 'v5.0.0-3.5.1', [foreign], 403),
  ]
}

function createPageProbe(login: string, { method, path }: ProbeTarget): Probe {
  const headers = [
    ['sec-fetch-mode', 'navigate'],
    ['sec-fetch-site', 'none'],
  ] as const
  return {
    name: 'a person who is not logged in is sent to the login, and nowhere else',
    kind: 'attack',
    standard: 'v5.0.0-7.2.1',
    requests: [{ method, path, as: 'none', headers }],
    expect: {
      status: [303],
      headers: { location: new RegExp(`^${login.replaceAll('.', '\\.')}\\?to=%2F`) },
    },
  }
}
