import { Fields } from '../../core/fields.ts'
import { parsePairs } from '../../input/pairs.ts'
import type { BodyInput } from '../../input/read-body.ts'
import type { OperationContract, ParameterContract } from '../../openapi/operation.ts'
import {
  type ContractOptions,
  type ContractValidator,
  compileRequest,
  type RequestMessage,
} from '../compile-contract.ts'
import { ValueShape } from '../parameters/value-shape.ts'
import { partsOf } from '../schema/parts.ts'
import { createReferences } from '../schema/references.ts'
import { type SampleBody, type SampleRequest, writeBody, writeParameter } from './sample-request.ts'

/** A sample with one thing in it that the contract does not allow. */
export interface ContractAttack {
  readonly name: string
  readonly request: SampleRequest
}

const maxAttacks = 40

/**
 * Changes a sample in one place after the other: another type, out of range, twice, missing, unknown. What the contract
 * turns out to allow is left out.
 */
export function listAttacks(
  operation: OperationContract,
  sample: SampleRequest,
  options: ContractOptions,
): readonly ContractAttack[] {
  const validator = compileRequest(operation, options)
  const attacks = [
    ...operation.parameters.flatMap((one) => attackParameter(one, sample)),
    ...attackQuery(sample),
    ...attackBody(sample),
  ]
  return attacks.filter(({ request }) => isRefused(validator, request)).slice(0, maxAttacks)
}

function attackParameter(contract: ParameterContract, sample: SampleRequest): ContractAttack[] {
  const { name, in: place, required, schema } = contract
  const what = `the ${place} parameter ${name}`
  const references = createReferences(schema)
  const attacks = wrongValues(new ValueShape(schema, references).types, schema).map(([why, value]) => ({
    name: `${what}: ${why}`,
    request: withParameter(sample, contract, writeParameter(contract, value)),
  }))
  if (place === 'query') {
    const [pair] = writeParameter(contract, 'probe')
    if (pair !== undefined)
      attacks.push({ name: `${what}: twice`, request: withParameter(sample, contract, [pair, pair]) })
  }
  if (required && place !== 'path')
    attacks.push({ name: `${what}: missing`, request: withParameter(sample, contract, []) })
  return attacks
}

/** Values that most schemas of these types refuse. */
function wrongValues(types: ReadonlySet<string>, schema: ParameterContract['schema']): [string, unknown][] {
  const values: [string, unknown][] = [['another type', 'probe.x']]
  for (const part of partsOf(schema, createReferences(schema), true)) {
    if (typeof part.maximum === 'number') values.push(['above its range', part.maximum + 1])
    if (typeof part.minimum === 'number') values.push(['below its range', part.minimum - 1])
    if (typeof part.maxLength === 'number' && part.maxLength < 2000)
      values.push(['too long', 'a'.repeat(part.maxLength + 1)])
    if (Array.isArray(part.enum)) values.push(['a value that is not listed', 'probe-unlisted'])
  }
  if (types.has('integer')) values.push(['a number as computers write it', '0x10'], ['an exponent', '1e3'])
  return values
}

function attackQuery(sample: SampleRequest): ContractAttack[] {
  const request = { ...sample, query: [...sample.query, ['portcullis-probe', '1'] as const] }
  return [{ name: 'a query parameter that is not listed', request }]
}

function attackBody(sample: SampleRequest): ContractAttack[] {
  const { body } = sample
  const withBody = (name: string, changed: SampleBody | null) => ({ name, request: { ...sample, body: changed } })
  if (body === null) {
    return [
      withBody('a body where none is taken', { type: 'application/json', kind: 'json', value: { role: 'admin' } }),
    ]
  }
  const attacks = [
    withBody('no body', null),
    withBody('a body of another type', {
      type: 'application/x-portcullis-probe',
      kind: 'text',
      value: writeBody(body),
    }),
  ]
  if (body.kind !== 'json') return attacks
  const as = (name: string, value: unknown) => attacks.push(withBody(name, { ...body, value }))
  as('a body of another JSON type', Array.isArray(body.value) ? {} : [])
  const { value } = body
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return attacks
  as('a property that is not listed (mass assignment)', { ...value, portcullisProbe: true })
  // `toJSON` of a name that all objects inherit: it has to be a member of its own here.
  as('a property named like an inherited one', { ...value, constructor: { prototype: { admin: true } } })
  for (const [name, one] of Object.entries(value)) {
    const { [name]: _, ...rest } = value as Record<string, unknown>
    as(`the property ${name}: missing`, rest)
    as(`the property ${name}: an operator in its place`, { ...value, [name]: { $ne: null } })
    if (typeof one === 'string') as(`the property ${name}: oversize`, { ...value, [name]: 'a'.repeat(20_000) })
    if (typeof one === 'number') as(`the property ${name}: out of range`, { ...value, [name]: -9_007_199_254_740_991 })
  }
  return attacks
}

function withParameter(
  sample: SampleRequest,
  { name, in: place }: ParameterContract,
  pairs: SampleRequest['query'],
): SampleRequest {
  const without = (all: SampleRequest['query']) => all.filter(([one]) => one !== name && !one.startsWith(`${name}[`))
  switch (place) {
    case 'path':
      return { ...sample, params: { ...sample.params, ...Object.fromEntries(pairs) } }
    case 'query':
      return { ...sample, query: [...without(sample.query), ...pairs] }
    case 'header':
      return { ...sample, headers: [...without(sample.headers), ...pairs] }
    case 'cookie':
      return { ...sample, cookies: [...without(sample.cookies), ...pairs] }
  }
}

function isRefused(
  validator: ContractValidator<RequestMessage>,
  { params, query, headers, cookies, body }: SampleRequest,
): boolean {
  const fields = headers.flatMap(([name, value]) => [name.toLowerCase(), value])
  if (body !== null) fields.push('content-type', body.type)
  const message: RequestMessage = {
    params,
    query: { ok: true, pairs: query },
    headers: new Fields(fields),
    cookies,
    body: toInput(body),
  }
  return validator.judge(message).kind !== 'meets'
}

function toInput(body: SampleBody | null): BodyInput {
  if (body === null) return { kind: 'none' }
  const { type, kind, value } = body
  const bytes = new Uint8Array(0)
  if (kind === 'json') return { kind, type, value, bytes }
  const text = writeBody(body)
  const read = kind === 'form' ? parsePairs(text) : null
  return read?.ok ? { kind: 'form', type, pairs: read.pairs, bytes } : { kind: 'text', type, text, bytes }
}
