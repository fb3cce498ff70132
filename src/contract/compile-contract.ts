import type { Fields } from '../core/fields.ts'
import type { Pair, Pairs } from '../input/pairs.ts'
import type { BodyInput } from '../input/read-body.ts'
import type { Violation } from '../input/violation.ts'
import type { OperationContract, ParameterContract, ResponseContract } from '../openapi/operation.ts'
import { type BodyVerdict, compileBody } from './body/compile-body.ts'
import { compileParameter, type ParameterJudge } from './parameters/compile-parameter.ts'
import { groupPairs } from './parameters/read-named.ts'
import type { SchemaOptions } from './schema/prepare-schema.ts'
import { SchemaError } from './schema/schema-error.ts'
import type { Later } from './standard/ask-later.ts'
import { compileWholes } from './standard/compile-wholes.ts'

export interface ContractOptions {
  /** Properties that an object's schema does not list, where it says nothing of others itself. */
  readonly unknownProperties: 'refuse' | 'ignore'
  /** Query parameters that the contract does not list. */
  readonly unknownQuery: 'refuse' | 'ignore'
  readonly unknownCookies: 'refuse' | 'ignore'
  /** XML of a listed type, which no JSON Schema judges. */
  readonly xml: 'refuse' | 'pass'
  /** As in `SchemaOptions`. */
  readonly tellsAll?: boolean
  /** A body where the contract has none. Default: refuse. */
  readonly unlistedBody?: 'refuse' | 'ignore'
}

/** What is judged of a request; `src/input` reads it. */
export interface RequestMessage {
  readonly params: Readonly<Record<string, string>>
  readonly query: Pairs
  readonly headers: Fields
  readonly cookies: readonly Pair[]
  readonly body: BodyInput
}

export interface ResponseMessage {
  readonly status: number
  readonly headers: Fields
  readonly body: BodyInput
}

export type Verdict = BodyVerdict

export interface ContractValidator<Message> {
  /** @param later where what schemas of libraries are to be asked is put, of a message that meets everything else */
  judge(message: Message, later?: Later): Verdict
}

const meets: Verdict = Object.freeze({ kind: 'meets' })

/**
 * Prepares how requests of an operation are judged.
 * @throws SchemaError where the contract cannot be kept to
 */
export function compileRequest(
  operation: OperationContract,
  options: ContractOptions,
): ContractValidator<RequestMessage> {
  const inward = { ...options, direction: 'request' as const }
  const at = (place: string) =>
    operation.parameters.filter((one) => one.in === place).map((one) => compileNamed(one, inward))
  const [path, query, headers, cookies] = [at('path'), at('query'), at('header'), at('cookie')]
  const ignoresBody = operation.body === null && options.unlistedBody === 'ignore'
  const judgeBody = ignoresBody ? () => meets : compileBody(operation.body, inward)

  const judgeWholes = compileWholes(operation.wholes ?? {}, options)
  const unknownQuery = operation.wholes?.query === undefined ? options.unknownQuery : 'ignore'

  function judgeTyped({ body, headers: fields }: RequestMessage, later: Later | undefined): BodyVerdict {
    const isTyped = body.kind !== 'unreadable' || operation.body === null || fields.has('content-type')
    if (isTyped) return judgeBody(body, later)
    return { kind: 'media-type', accepted: operation.body.media.map(({ mediaType }) => mediaType) }
  }

  return {
    judge(message, later) {
      if (!message.query.ok) return { kind: 'unreadable', problem: message.query.problem }
      const violations: Violation[] = []
      for (const one of path) violations.push(...one.judgeText(ownValue(message.params, one.contract.name), later))
      judgeNamed(query, message.query.pairs, unknownQuery, 'query', violations, later)
      judgeNamed(cookies, message.cookies, options.unknownCookies, 'cookie', violations, later)
      judgeHeaders(headers, message.headers, violations, later)
      judgeWholes?.(message.params, message.query.pairs, violations, later)
      const body = judgeTyped(message, later)
      if (body.kind === 'violates') violations.push(...body.violations)
      else if (body.kind !== 'meets') return body
      return violations.length === 0 ? meets : { kind: 'violates', violations }
    },
  }
}

/** Prepares how responses are judged, by status. A status that the contract does not list is a violation itself. */
export function compileResponse(
  operation: OperationContract,
  options: ContractOptions,
): ContractValidator<ResponseMessage> {
  const outward = { ...options, direction: 'response' as const }
  const compile = ({ headers, media }: ResponseContract) => ({
    headers: headers.map((one) => compileNamed(one, outward)),
    judgeBody: media.length === 0 ? null : compileBody({ required: false, media }, outward),
  })
  const byStatus = new Map([...operation.responses].map(([status, one]) => [status.toUpperCase(), compile(one)]))
  return {
    judge({ status, headers, body }) {
      const found =
        byStatus.get(`${status}`) ?? byStatus.get(`${Math.floor(status / 100)}XX`) ?? byStatus.get('DEFAULT')
      if (found === undefined) {
        return {
          kind: 'violates',
          violations: [{ in: 'body', at: '', rule: 'status', expected: [...byStatus.keys()].join(', ') }],
        }
      }
      const violations: Violation[] = []
      judgeHeaders(found.headers, headers, violations)
      const verdict = found.judgeBody?.(body) ?? meets
      if (verdict.kind === 'violates') violations.push(...verdict.violations)
      else if (verdict.kind !== 'meets') return verdict
      return violations.length === 0 ? meets : { kind: 'violates', violations }
    },
  }
}

/** Errors of a schema say whose it is. */
function compileNamed(parameter: ParameterContract, options: SchemaOptions): ParameterJudge {
  try {
    return compileParameter(parameter, options)
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    throw new SchemaError(error.at, `${error.message} (${parameter.in} parameter "${parameter.name}")`, error.hint)
  }
}

function judgeNamed(
  parameters: readonly ParameterJudge[],
  pairs: readonly Pair[],
  unknown: 'refuse' | 'ignore',
  place: 'query' | 'cookie',
  violations: Violation[],
  later: Later | undefined,
): void {
  if (parameters.length === 0 && (pairs.length === 0 || unknown === 'ignore')) return
  const named = groupPairs(pairs)
  const used = new Set<string>()
  for (const one of parameters) violations.push(...one.judgeNamed(named, used, later))
  if (unknown === 'ignore') return
  for (const name of named.keys()) {
    if (!used.has(name)) violations.push({ in: place, at: name, rule: 'unknown', expected: 'no such parameter' })
  }
}

function judgeHeaders(
  parameters: readonly ParameterJudge[],
  headers: Fields,
  violations: Violation[],
  later?: Later,
): void {
  for (const one of parameters) {
    const name = one.contract.name.toLowerCase()
    const values = headers.all(name)
    if (values.length > 1 && one.shape === 'primitive') {
      violations.push({ in: 'header', at: one.contract.name, rule: 'repeated', expected: 'one value' })
    } else violations.push(...one.judgeText(values.length === 0 ? null : joinList(values, one), later))
  }
}

/** A list in a field may have white space about its commas (RFC 9110 section 5.6.1). */
function joinList(values: readonly string[], { shape, contract }: ParameterJudge): string {
  const text = values.join(',')
  return shape === 'primitive' || contract.contentType !== null
    ? text
    : text
        .split(',')
        .map((one) => one.trim())
        .join(',')
}

function ownValue(params: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(params, name) ? (params[name] as string) : null
}
