import type { Probe, ProbeTarget } from '../../core/probe.ts'
import { documentWith, toJsonAnswer } from '../made-up-answer.ts'
import type { EncryptFieldsOptions } from './options.ts'

/** A ciphertext in form only: nothing was ever encrypted to it. */
const ciphertext = `pce1.Probe0000001.${'A'.repeat(64)}`

export function createProbes(options: EncryptFieldsOptions, target: ProbeTarget): readonly Probe[] {
  const { otherTypes } = options
  const { method, path, observe } = target
  const onAnswers = createAnswerProbes(options, target)
  if (method === 'GET' || method === 'HEAD') return onAnswers
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
    ...onAnswers,
    attack('a ciphertext in the place of a value', JSON.stringify({ value: ciphertext }), 422),
    attack('a member twice, of which only one would be encrypted', '{"a":1,"\\u0061":2}', 400),
    attack('JSON that is cut off', '{"a":', 400),
    ...(otherTypes === 'refuse'
      ? [attack('a body of another type', 'a=1', 415, [['content-type', 'text/plain']])]
      : []),
  ]
}

/** Only the key ring makes ciphertexts; a value that is none must be hidden from everybody. */
function createAnswerProbes({ fields, answers }: EncryptFieldsOptions, target: ProbeTarget): readonly Probe[] {
  if (!answers || target.observe) return []
  const { method, path } = target
  const hidden = Object.entries(fields).flatMap(([name, { at }]) =>
    at.map(
      (pointer): Probe => ({
        name: `${name}: an answer with a value in clear at ${pointer}`,
        kind: 'attack',
        standard: 'v5.0.0-14.2.4',
        requests: [{ method, path, answer: toJsonAnswer(documentWith(pointer, 'probe-in-clear')) }],
        expect: { outcome: 'passed', status: [200], body: { excludes: ['probe-in-clear'] } },
      }),
    ),
  )
  const honest: Probe = {
    name: 'what else an answer holds passes',
    kind: 'honest',
    requests: [{ method, path, answer: toJsonAnswer({ portcullisProbe: 'probe-text' }) }],
    expect: { outcome: 'passed', status: [200], body: { includes: ['probe-text'] } },
  }
  return [...hidden, honest]
}
