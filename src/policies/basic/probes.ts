import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { BasicOptions } from './options.ts'

/** Fewer than what locks an account, and enough to come last: these are counted. */
const guesses = 6

/** Logins that nobody was given. Every one that is looked at has a name of its own, so that no real account is locked. */
export function createProbes(_options: BasicOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path } = target
  const nobody = `nobody-${randomText(12)}`
  const attack = (name: string, standard: string, request: Partial<ProbeRequest>, status = [400, 401, 431]): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: [{ method, path, as: 'none', ...request }],
    expect: { outcome: 'refused', status, judge: 'every' },
  })
  const malformed = (name: string, encoded: string): Probe =>
    attack(name, 'RFC 7617 section 2', { headers: [['authorization', `Basic ${encoded}`]] })
  const attacks: Probe[] = [
    attack('no login', 'RFC 7617 section 2', {}),
    malformed('a login that is no Base64', '%%%%'),
    malformed('a login without a colon', encode(nobody)),
    malformed('a login without a name', encode(':password')),
    malformed('a login with a line break', encode(`${nobody}:a\r\nb`)),
    malformed('a login that is not UTF-8', Buffer.from([0x61, 0x3a, 0xff, 0xfe]).toString('base64')),
    malformed('a login without the padding of Base64', encode(`${nobody}:pa`).replace(/=+$/, '')),
    malformed('a password of two thousand bytes', encode(`${nobody}:${'x'.repeat(2000)}`)),
    attack('a valid credential beside a login that nobody was given', 'RFC 9110 section 5.3', {
      as: 'caller',
      headers: login(nobody),
    }),
    attack(
      'an account that does not exist',
      'v5.0.0-6.3.1',
      { headers: login(nobody), times: guesses },
      // From one address, many such runs are taken for an attack.
      [401, 429],
    ),
    attack(
      'a query in place of a name',
      'OWASP API2:2023',
      { headers: login(`' or '1'='1-${randomText(6)}`), times: guesses },
      [401, 429],
    ),
  ]
  if (target.plainOnly === true) return attacks
  return [
    {
      name: 'a caller with a valid credential passes',
      kind: 'honest',
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
    ...attacks,
    attack('a login over plain HTTP', 'v5.0.0-4.1.2', { headers: login(nobody), clear: true }, [301, 308, 403]),
  ]
}

function login(username: string): FieldPairs {
  return [['authorization', `Basic ${encode(`${username}:${randomText(20)}`)}`]]
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}
