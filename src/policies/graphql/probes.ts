import type { Probe, ProbeExpectation, ProbeRequest, ProbeSample, ProbeTarget } from '../../core/probe.ts'
import type { GraphqlOptions } from './options.ts'

const tooMuch: ProbeExpectation = { outcome: 'refused', problem: ['invalid_content'] }
const malformed: ProbeExpectation = { outcome: 'refused', problem: ['malformed_request'] }
const json = [['content-type', 'application/json']] as const

/** A query that asks for nothing, for the honest requests of other policies. */
export function createSample(options: GraphqlOptions, { method, path }: ProbeTarget): ProbeSample | null {
  if (options.allowList !== undefined || !options.operations.includes('query')) return null
  const query = '{__typename}'
  if (method === 'GET' || method === 'HEAD') {
    return options.accept.includes('get') ? { path, query: `query=${encodeURIComponent(query)}` } : null
  }
  return options.accept.includes('json') ? { path, headers: json, body: JSON.stringify({ query }) } : null
}

export function createProbes(options: GraphqlOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, observe } = target
  const byGet = method === 'GET' || method === 'HEAD'
  const byUrl = (query: string): ProbeRequest => ({ method, path, query: `query=${encodeURIComponent(query)}` })
  const byBody = (value: unknown): ProbeRequest => ({ method, path, headers: json, body: JSON.stringify(value) })
  const isTaken = options.accept.includes(byGet ? 'get' : 'json')
  if (!isTaken) {
    const request = byGet ? byUrl('{__typename}') : byBody({ query: '{__typename}' })
    return observe
      ? []
      : [
          attack('a request in a way that is not accepted', request, {
            outcome: 'refused',
            problem: ['unsupported_media_type'],
          }),
        ]
  }
  const ask = (query: string) => (byGet ? byUrl(query) : byBody({ query }))
  const honest: Probe[] =
    options.allowList === undefined && options.operations.includes('query')
      ? [
          {
            name: 'an ordinary query passes',
            kind: 'honest',
            requests: [ask('{__typename}')],
            expect: { outcome: 'passed' },
          },
        ]
      : []
  if (observe) return honest
  return [...honest, ...createQueryProbes(options, ask), ...(byGet ? [] : createBodyProbes(options, byBody))]
}

function createQueryProbes(options: GraphqlOptions, ask: (query: string) => ProbeRequest): Probe[] {
  const { maxDepth, maxAliases, maxTokens } = options
  const doubled = Array.from({ length: 31 }, (_, i) => `fragment f${i} on Query{...f${i + 1} ...f${i + 1}}`).join(' ')
  const aliases = Array.from({ length: maxAliases + 1 }, (_, i) => `a${i}:__typename`).join(' ')
  return [
    attack('a query that nests too deep', ask('{a'.repeat(maxDepth + 1) + '}'.repeat(maxDepth + 1)), tooMuch),
    attack('a query whose fragments double', ask(`{...f0} ${doubled} fragment f31 on Query{__typename}`), tooMuch),
    attack('a fragment that holds itself', ask('{...f} fragment f on Query{...f}'), malformed),
    attack('what is no GraphQL', ask('{'), malformed),
    ...(maxAliases < 500 ? [attack('a query with too many aliases', ask(`{${aliases}}`), tooMuch)] : []),
    ...(maxTokens <= 2000 ? [attack('a query that is too long', ask(`{${'a '.repeat(maxTokens)}}`), tooMuch)] : []),
    ...(options.introspection ? [] : [attack('introspection', ask('{__schema{types{name}}}'), tooMuch)]),
    ...(options.operations.includes('subscription') ? [] : [attack('a subscription', ask('subscription{a}'), tooMuch)]),
  ]
}

function createBodyProbes({ maxBatch }: GraphqlOptions, send: (value: unknown) => ProbeRequest): Probe[] {
  const one = { query: '{__typename}' }
  return [
    attack('a batch that is too long', send(Array(maxBatch + 1).fill(one)), maxBatch === 1 ? malformed : tooMuch),
    attack('a document that nobody knows', send({ id: 'portcullis-probe' }), tooMuch),
    attack('a member in another case', send({ ...one, Query: '{a}' }), malformed),
    attack('a query in the URL beside the body', { ...send(one), query: 'query=%7Ba%7D' }, malformed),
  ]
}

function attack(name: string, request: ProbeRequest, expect: ProbeExpectation): Probe {
  return { name: `${name} is refused`, kind: 'attack', standard: 'v5.0.0-4.3.1', requests: [request], expect }
}
