import { randomBytes } from 'node:crypto'
import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { IntrospectionOptions } from './options.ts'

/** Attacks with tokens that nobody issued. */
export function createProbes(_options: IntrospectionOptions, target: ProbeTarget): readonly Probe[] {
  const attack = (
    name: string,
    standard: string,
    headers: FieldPairs,
    status: readonly number[],
    query?: string,
  ): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: [
      { method: target.method, path: target.path, as: 'none', headers, ...(query !== undefined && { query }) },
    ],
    expect: { outcome: 'refused', status },
  })
  const guess = randomBytes(32).toString('base64url')
  const bearer = (token: string): FieldPairs => [['authorization', `Bearer ${token}`]]
  // While the issuer cannot be asked, what it alone knows is refused with 503.
  const refused = [401, 503]
  return [
    {
      name: 'a caller with a valid credential passes',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed' },
    },
    attack('no token', 'RFC 6750 section 3', [], [401]),
    attack('a token that nobody issued', 'RFC 7662 section 2.2', bearer(guess), refused),
    attack(
      'a token of characters that no token holds',
      'RFC 6750 section 2.1',
      bearer(`${guess}{"active":true}`),
      [401],
    ),
    attack(
      'a token that would add a parameter to the question',
      'RFC 7662 section 4',
      bearer(`${guess}&active=true`),
      [401],
    ),
    attack(
      'a token that nobody issued, with the scheme DPoP',
      'RFC 9449 section 7.1',
      [['authorization', `DPoP ${guess}`]],
      refused,
    ),
    attack('in the query', 'RFC 9700 section 4.3.2', [], [401], `access_token=${guess}`),
    attack('two Authorization fields', 'RFC 9110 section 5', [...bearer(guess), ...bearer(guess)], [400, 401]),
  ]
}
