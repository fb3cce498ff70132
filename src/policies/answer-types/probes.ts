import type { Probe, ProbeAnswer, ProbeTarget } from '../../core/probe.ts'
import { toJsonAnswer } from '../made-up-answer.ts'
import type { AnswerTypesOptions } from './options.ts'
import { covers } from './type-ranges.ts'

const page = '<script>probe()</script>'

export function createProbes(options: AnswerTypesOptions, { method, path, observe }: ProbeTarget): readonly Probe[] {
  const { missing } = options
  const standard = 'v5.0.0-4.1.1'
  const attack = (name: string, answer: ProbeAnswer): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: [{ method, path, answer }],
    expect: observe
      ? { outcome: 'passed' }
      : { outcome: 'refused', problem: ['bad_gateway'], body: { excludes: [page] } },
  })
  const probes: Probe[] = [
    {
      name: 'an ordinary request passes',
      kind: 'honest',
      standard,
      requests: [{ method, path }],
      expect: { outcome: 'passed' },
    },
    attack('an answer of a type that cannot be read', { status: 200, headers: [['content-type', 'html']], body: page }),
  ]
  if (passesJson(options)) {
    probes.push({
      name: 'an answer of JSON passes',
      kind: 'honest',
      standard,
      requests: [{ method, path, answer: toJsonAnswer({ probe: 'text' }) }],
      expect: { outcome: 'passed', status: [200], headers: { 'content-type': 'application/json' } },
    })
  }
  if (!takes(options, 'text/html')) {
    probes.push(
      attack('a page where none is expected', { status: 200, headers: [['content-type', 'text/html']], body: page }),
    )
  }
  if (missing === 'refuse') probes.push(attack('an answer that does not say its type', { status: 200, body: page }))
  return probes
}

/** Whether the answers that other policies' probes make up would pass. */
export function passesJson(options: AnswerTypesOptions): boolean {
  return takes(options, 'application/json')
}

function takes({ allow }: AnswerTypesOptions, type: string): boolean {
  return allow === undefined || covers(allow, type)
}
