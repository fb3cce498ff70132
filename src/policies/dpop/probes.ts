import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { DpopOptions } from './options.ts'

const unsigned = toText({ alg: 'none', typ: 'at+jwt' }, { sub: 'portcullis-probe' })
const proof = toText({ alg: 'none', typ: 'dpop+jwt' }, { jti: 'probe', htm: 'GET', htu: 'https://attacker.invalid/' })

/** Requests that claim to prove a key. Good tokens that are bound to one cannot be made here: only their issuer can. */
export function createProbes(options: DpopOptions, target: ProbeTarget): readonly Probe[] {
  if (!target.route.authenticated) return []
  const attack = (name: string, headers: FieldPairs): Probe => ({
    name,
    kind: 'attack',
    standard: 'RFC 9449 section 7.1',
    requests: [{ method: target.method, path: target.path, as: 'none', headers }],
    expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'], headers: { 'www-authenticate': /./ } },
  })
  const honest: Probe = {
    name: 'a caller whose credential is bound to no key passes without a proof',
    kind: 'honest',
    requests: [{ method: target.method, path: target.path }],
    expect: { outcome: 'passed' },
  }
  return [
    ...(options.required ? [] : [honest]),
    attack('a proof and no token', [['dpop', proof]]),
    attack('a token with the scheme DPoP and no proof', [['authorization', `DPoP ${unsigned}`]]),
    attack('a token and a proof that nobody signed', [
      ['authorization', `DPoP ${unsigned}`],
      ['dpop', proof],
    ]),
    attack('a token that nobody signed beside a proof, as a bearer token', [
      ['authorization', `Bearer ${unsigned}`],
      ['dpop', proof],
    ]),
  ]
}

function toText(header: object, claims: object): string {
  return `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`
}
