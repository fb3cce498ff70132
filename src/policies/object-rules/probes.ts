import type { Probe, ProbeTarget } from '../../core/probe.ts'
import { documentWith, toJsonAnswer } from '../made-up-answer.ts'
import type { ObjectOptions } from './options.ts'

/** Objects that are nobody's: no caller of the prober may reach them, unless by a role. */
export function createProbes({ object: { rules, exempt } }: ObjectOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, observe } = target
  const attack = (name: string, request: Partial<Probe['requests'][0]>, status: readonly number[]): Probe => ({
    name,
    kind: 'attack',
    standard: 'OWASP API1:2023',
    requests: [{ method, path, as: 'stranger', ...request }],
    expect: observe ? { outcome: 'passed' } : { outcome: 'refused', status },
  })
  // A caller with a role that is exempt would see them.
  const as = exempt === undefined ? 'caller' : 'stranger'
  const answers = (name: string, document: unknown) =>
    attack(name, { as, answer: toJsonAnswer(document) }, exempt === undefined ? [404] : [403, 404])
  const probes = rules.flatMap(({ param, query, body, answer, each, optional }): Probe[] => {
    if (answer !== undefined) {
      const listed = (one: unknown) => (each === undefined ? one : documentWith(each, [one]))
      return [
        answers('an answer with an object of somebody else', listed(documentWith(answer, 'somebody-else'))),
        answers('an answer that does not say whose object it is', listed({ probe: 'text' })),
        answers('an answer of another form', 'text'),
      ]
    }
    if (param !== undefined) return [attack('an object of somebody else', {}, [403, 404])]
    if (query !== undefined) {
      return [
        attack('an object of somebody else, in the query', { query: `${query}=somebody-else` }, [403, 404]),
        attack('two objects in the query', { query: `${query}=1&${query}=2` }, [400, 403, 404]),
      ]
    }
    if (body === undefined || method === 'GET' || method === 'HEAD') return []
    const headers = [['content-type', 'application/json']] as const
    return [
      ...(optional ? [] : [attack('no object in the body', { headers, body: '{}' }, [403, 404])]),
      attack('a body that repeats a member', { headers, body: '{"a":1,"a":2}' }, [400, 403, 404]),
    ]
  })
  const nobody: Probe = {
    name: 'nobody at all',
    kind: 'attack',
    standard: 'v5.0.0-8.3.1',
    requests: [{ method, path, as: 'none' }],
    expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'] },
  }
  return [...probes, nobody]
}
