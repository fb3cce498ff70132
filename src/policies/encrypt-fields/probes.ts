import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { EncryptFieldsOptions } from './options.ts'

/** A ciphertext in form only: nothing was ever encrypted to it. */
const ciphertext = `pce1.Probe0000001.${'A'.repeat(64)}`

export function createProbes({ otherTypes }: EncryptFieldsOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, observe } = target
  if (method === 'GET' || method === 'HEAD') return []
  const json = [['content-type', 'application/json']] as const
  const attack = (
    name: string,
    body: string,
    status: number,
    headers: Probe['requests'][0]['headers'] = json,
  ): Probe => ({
    name,
    kind: 'attack',
    standard: 'v5.0.0-14.2.4',
    requests: [{ method, path, headers, body }],
    expect: observe ? { outcome: 'passed' } : { outcome: 'refused', status: [status] },
  })
  return [
    attack('a ciphertext in the place of a value', JSON.stringify({ value: ciphertext }), 422),
    attack('a member twice, of which only one would be encrypted', '{"a":1,"\\u0061":2}', 400),
    attack('JSON that is cut off', '{"a":', 400),
    ...(otherTypes === 'refuse'
      ? [attack('a body of another type', 'a=1', 415, [['content-type', 'text/plain']])]
      : []),
  ]
}
