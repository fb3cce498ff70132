import { type BodyKind, toBodyKind } from '../../input/media-type.ts'
import type { Pair } from '../../input/pairs.ts'
import type { MediaContract, OperationContract, ParameterContract, ParameterPlace } from '../../openapi/operation.ts'
import type { ContractOptions } from '../compile-contract.ts'
import { encodePairs, writePairs, writeText } from '../parameters/write-parameter.ts'
import { sampleValue } from './sample-value.ts'

/** A request that meets a contract, as values, so that one of them can be changed. */
export interface SampleRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: readonly Pair[]
  readonly headers: readonly Pair[]
  readonly cookies: readonly Pair[]
  /** Null where there is none. */
  readonly body: SampleBody | null
}

export interface SampleBody {
  readonly type: string
  readonly kind: BodyKind
  readonly value: unknown
}

/** What is required and nothing else; null where a value could not be found for something. */
export function sampleRequest(operation: OperationContract, options: ContractOptions): SampleRequest | null {
  const at = (place: ParameterPlace) => {
    const pairs: Pair[] = []
    for (const one of operation.parameters) {
      if (one.in !== place || !one.required) continue
      const value = sampleValue(one.schema, options.unknownProperties)
      if (value === undefined) return null
      pairs.push(...writeParameter(one, value))
    }
    return pairs
  }
  const [params, query, headers, cookies] = [at('path'), at('query'), at('header'), at('cookie')]
  const body = operation.body === null || !operation.body.required ? null : sampleBody(operation.body.media, options)
  if (params === null || query === null || headers === null || cookies === null || body === undefined) return null
  return { params: Object.fromEntries(params), query, headers, cookies, body }
}

export function writeParameter(contract: ParameterContract, value: unknown): readonly Pair[] {
  const isText = contract.in === 'path' || contract.in === 'header'
  return isText ? [[contract.name, writeText(value, contract)]] : writePairs(value, contract)
}

/** The bytes of a body, as text. */
export function writeBody({ kind, value }: SampleBody): string {
  if (kind === 'json') return JSON.stringify(value)
  if (kind !== 'form') return String(value)
  const pairs = Object.entries(value as object).flatMap(([name, one]) => {
    const isObject = typeof one === 'object' && one !== null && !Array.isArray(one)
    return writePairs(one, { name, style: 'form', explode: true, contentType: isObject ? 'application/json' : null })
  })
  return encodePairs(pairs)
}

const writable: readonly BodyKind[] = ['json', 'form', 'text', 'binary']

function sampleBody(media: readonly MediaContract[], options: ContractOptions): SampleBody | undefined {
  for (const kind of writable) {
    for (const { mediaType, schema, encoding } of media) {
      const type = mediaType.replace('/*', '/octet-stream').replace('*', 'application')
      if (toBodyKind(type) !== kind || encoding.size > 0) continue
      const value = sampleValue(schema, options.unknownProperties)
      if (value !== undefined) return { type, kind, value }
    }
  }
  return undefined
}
