import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { createApiKey } from '../../crypto/api-key.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { ApiKeyOptions } from './options.ts'

/** A key that a caller might hold, and keys that nobody was given. */
export function createProbes(options: ApiKeyOptions, target: ProbeTarget): readonly Probe[] {
  const attack = createAttack(target)
  const { text } = createApiKey()
  const stranger = `${options.foreign?.prefixes[0] ?? 'sk_live_'}${randomText(32)}`
  const places = toPlaces(options)
  const query = options.query ?? 'api_key'
  const probes: Probe[] = [
    {
      name: 'a caller with a valid credential passes',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed' },
    },
    attack('no key', {}),
    attack('a key that was never issued, in the query', { query: `${query}=${text}` }, 'v5.0.0-14.2.1'),
  ]
  for (const [place, toFields] of places) {
    probes.push(
      attack(`a key that was never issued, in ${place}`, { headers: toFields(text) }),
      attack(`a key cut short, in ${place}`, { headers: toFields(text.slice(0, -1)) }),
      attack(`a key with a wrong checksum, in ${place}`, { headers: toFields(`${text.slice(0, -6)}000000`) }),
      // To another credential of the route it may look like its own, whose issuer cannot be asked.
      withStatus(
        [401, 503],
        attack(`a key of another system that nobody brought over, in ${place}`, { headers: toFields(stranger) }),
      ),
      attack(`an empty key, in ${place}`, { headers: toFields('') }),
      attack(`a query in place of a key, in ${place}`, { headers: toFields("' or '1'='1") }),
    )
  }
  const [first] = places
  if (first !== undefined) {
    probes.push(attack('two keys', { headers: [...first[1](text), ...first[1](createApiKey().text)] }, 'RFC 9110 5.3'))
  }
  const other = places.find(([place]) => place !== 'Authorization')
  if (other !== undefined) {
    probes.push(
      attack(
        'a valid credential beside a key that was never issued',
        { as: 'caller', headers: other[1](text) },
        'RFC 6750 section 2',
      ),
    )
  }
  return probes
}

/** Where the options let keys come in as a field, and how one is written there. */
function toPlaces(options: ApiKeyOptions): [place: string, toFields: (key: string) => FieldPairs][] {
  const places: [string, (key: string) => FieldPairs][] = []
  if (options.bearer) places.push(['Authorization', (key) => [['authorization', `Bearer ${key}`]]])
  for (const name of options.headers) places.push([name, (key) => [[name, key]]])
  return places
}

function withStatus(status: readonly number[], probe: Probe): Probe {
  return { ...probe, expect: { ...probe.expect, status } }
}

function createAttack(target: ProbeTarget) {
  return (name: string, request: Partial<ProbeRequest>, standard = 'OWASP API2:2023'): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: [{ method: target.method, path: target.path, as: 'none', ...request }],
    // What stands before this policy may refuse repeated or empty fields in its own words.
    expect: { outcome: 'refused', status: [400, 401] },
  })
}
