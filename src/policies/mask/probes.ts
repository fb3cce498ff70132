import type { Probe, ProbeExpectation, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import { documentWith, toJsonAnswer } from '../made-up-answer.ts'
import { createExample } from './examples.ts'
import type { KindName } from './kinds.ts'
import type { MaskOptions } from './options.ts'

/** Looks like something that is masked, and is not. */
const honestTexts = ['order 1000000007', '3f2b8a54-5d0e-4c7a-9b7e-2f1c6d8e9a10']
const inField = 'probe-in-field'
/** Policies that make callers with any role; of callers that are given, nobody knows what they hold. */
const minting = new Set<string | null | undefined>(['api-key', 'basic', 'session'])

/** Answers that hold what is masked, and requests that ask for an answer in another form. */
export function createProbes(options: MaskOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, observe } = target
  const standard = 'v5.0.0-14.2.6'
  const shown = listRevealed(options)
  const probe = (
    name: string,
    kind: Probe['kind'],
    request: Partial<ProbeRequest>,
    expect: ProbeExpectation,
  ): Probe => ({
    name,
    kind,
    standard,
    requests: [{ method, path, ...request }],
    expect,
  })
  const things = [
    ...(Object.keys(options.values) as KindName[]).map((kind) => {
      const value = createExample(kind)
      return { name: kind as string, value, document: { portcullisProbe: `it is ${value} now` } as unknown }
    }),
    ...Object.keys(options.fields).map((name) => ({ name, value: inField, document: documentWith(name, inField) })),
  ]
  const attacks = things.map(({ name, value, document }) => {
    const answer = toJsonAnswer(document)
    // In JSON, as it stands there.
    const text = JSON.stringify(value).slice(1, -1)
    const what = `${name} in an answer`
    if (observe) return probe(what, 'attack', { answer }, { outcome: 'passed', body: { includes: [text] } })
    // Whoever has no right may also be refused the route.
    if (shown.has(name)) return probe(what, 'attack', { answer, as: 'stranger' }, { body: { excludes: [text] } })
    return probe(what, 'attack', { answer }, { outcome: 'passed', status: [200], body: { excludes: [text] } })
  })
  const revealed = things
    .filter(({ name }) => shown.get(name) === true && !observe && minting.has(target.callerBy))
    .map(({ name, value, document }) =>
      probe(
        `${name} for a caller who may see it`,
        'honest',
        { answer: toJsonAnswer(document) },
        {
          outcome: 'passed',
          status: [200],
          body: { includes: [JSON.stringify(value).slice(1, -1)] },
        },
      ),
    )
  return [
    ...attacks,
    ...revealed,
    probe(
      'numbers and ids that are not to be masked pass',
      'honest',
      { answer: toJsonAnswer({ portcullisProbe: honestTexts }) },
      { outcome: 'passed', status: [200], body: { includes: honestTexts } },
    ),
    probe(
      'a request for a part, compressed, passes as one for the whole',
      'honest',
      {
        headers: [
          ['range', 'bytes=0-9'],
          ['accept-encoding', 'br, gzip'],
        ],
      },
      { outcome: 'passed' },
    ),
  ]
}

/** What somebody may see, and whether a role or a scope is enough for it. */
function listRevealed({ values, fields, reveal = [] }: MaskOptions): ReadonlyMap<string, boolean> {
  const all = [...Object.keys(values), ...Object.keys(fields)]
  const shown = new Map<string, boolean>()
  for (const { what = all, permissions } of reveal) {
    for (const name of what) shown.set(name, shown.get(name) === true || permissions === undefined)
  }
  return shown
}

/** What the prober's own caller must hold to see everything that a role or a scope shows. */
export function toDemands({ reveal = [] }: MaskOptions): { readonly roles: string[]; readonly scopes: string[] } {
  const open = reveal.filter(({ permissions }) => permissions === undefined)
  return {
    roles: [...new Set(open.flatMap(({ roles = [] }) => roles.slice(0, 1)))],
    scopes: [...new Set(open.flatMap(({ scopes = [] }) => scopes))],
  }
}
