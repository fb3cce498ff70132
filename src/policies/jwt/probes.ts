import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { createForger } from './forged-tokens.ts'
import type { IssuerOptions, IssuersBlock } from './issuer-options.ts'
import type { JwtOptions } from './options.ts'

/** Longer than any token that is read. */
const oversizedLength = 9000

/** Attacks with tokens that claim what a good one would, made without the issuer's key. */
export function createProbes(options: JwtOptions, target: ProbeTarget): readonly Probe[] {
  const forger = createForger()
  const claims = createClaims(findIssuer(options, target))
  const { sub, ...nobody } = claims
  const past = Math.floor(Date.now() / 1000) - 3600
  const attack = createAttack(target)
  const bearer = (name: string, standard: string, token: string) =>
    attack(name, standard, [['authorization', `Bearer ${token}`]])
  const forged = forger.sign({}, claims)

  return [
    {
      name: 'a caller with a valid credential passes',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed' },
    },
    attack('no token', 'RFC 6750 section 3', []),
    bearer('garbage in the form of a token', 'RFC 7519 section 7.2', 'bm90.YQ.dG9rZW4'),
    bearer('signed with a key of the attacker', 'v5.0.0-9.1.1', forged),
    bearer(
      'a genuine signature of other content',
      'v5.0.0-9.1.1',
      replaceClaims(forged, { ...claims, roles: ['admin'] }),
    ),
    bearer('`alg` none', 'v5.0.0-9.1.2', forger.leaveUnsigned({}, claims)),
    bearer('`alg` nOnE', 'v5.0.0-9.1.2', forger.leaveUnsigned({ alg: 'nOnE' }, claims)),
    bearer('HS256 with a public key as the secret', 'RFC 8725 section 2.1', forger.mac({}, claims, forger.publicPem)),
    bearer('HS256 with an empty secret', 'RFC 8725 section 2.2', forger.mac({}, claims, '')),
    bearer('its key embedded (`jwk`)', 'v5.0.0-9.1.3', forger.sign({ jwk: forger.publicJwk }, claims)),
    bearer('its key at an address (`jku`)', 'v5.0.0-9.1.3', forger.sign({ jku: 'https://attacker.invalid/' }, claims)),
    bearer(
      'its key in a certificate (`x5u`)',
      'v5.0.0-9.1.3',
      forger.sign({ x5u: 'https://attacker.invalid/' }, claims),
    ),
    bearer('`kid` as a path', 'RFC 8725 section 3.10', forger.mac({ kid: '../../../../dev/null' }, claims, '')),
    bearer('`kid` as a query', 'RFC 8725 section 3.10', forger.mac({ kid: "x' UNION SELECT '' --" }, claims, '')),
    bearer('an extension that must be understood', 'RFC 7515 section 4.1.11', forger.sign({ crit: ['exp'] }, claims)),
    bearer('expired', 'v5.0.0-9.2.1', forger.sign({}, { ...claims, iat: past - 60, exp: past })),
    bearer('without an end', 'v5.0.0-9.2.1', forger.sign({}, { ...claims, exp: undefined })),
    bearer('for another audience', 'v5.0.0-9.2.3', forger.sign({}, { ...claims, aud: 'https://attacker.invalid' })),
    bearer(
      'of another issuer',
      'RFC 8725 section 3.8',
      forger.sign({}, { ...claims, iss: 'https://attacker.invalid' }),
    ),
    bearer('of another type', 'v5.0.0-9.2.2', forger.sign({ typ: 'logout+jwt' }, claims)),
    bearer('without a subject', 'RFC 9068 section 2.2', forger.sign({}, nobody)),
    attack('in the query', 'RFC 9700 section 4.3.2', [], { query: `access_token=${forged}` }),
    // What stands before this policy may refuse these two in its own words.
    refused(
      'longer than any token',
      [['authorization', `Bearer ${forger.sign({ pad: 'x'.repeat(oversizedLength) }, claims)}`]],
      target,
    ),
    refused(
      'two Authorization fields',
      [
        ['authorization', `Bearer ${forged}`],
        ['authorization', `Bearer ${forged}`],
      ],
      target,
    ),
  ]
}

function createAttack(target: ProbeTarget) {
  return (name: string, standard: string, headers: FieldPairs, more: Partial<ProbeRequest> = {}): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: [{ method: target.method, path: target.path, as: 'none', headers, ...more }],
    expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'], headers: { 'www-authenticate': /./ } },
  })
}

function refused(name: string, headers: FieldPairs, target: ProbeTarget): Probe {
  return {
    name,
    kind: 'attack',
    standard: 'RFC 9110 section 5',
    requests: [{ method: target.method, path: target.path, as: 'none', headers }],
    expect: { outcome: 'refused', status: [400, 401, 431] },
  }
}

function findIssuer(options: JwtOptions, target: ProbeTarget): IssuerOptions | undefined {
  const block = target.block?.<IssuersBlock | undefined>('issuers') ?? {}
  const name = options.issuers?.[0] ?? Object.keys(block)[0]
  return name === undefined ? undefined : block[name]
}

function createClaims(issuer: IssuerOptions | undefined) {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer?.issuer ?? 'https://issuer.invalid',
    aud: issuer?.audience[0] ?? 'unknown',
    sub: 'portcullis-probe',
    iat: now,
    exp: now + 300,
  }
}

function replaceClaims(token: string, claims: object): string {
  const [header, , signature] = token.split('.')
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
}
