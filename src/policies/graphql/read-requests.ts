import { type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { parseJsonBody } from '../../core/json-body.ts'
import type { Part } from '../../input/multipart.ts'
import type { BodyInput } from '../../input/read-body.ts'
import { readInput } from '../../input/request-input.ts'
import type { GraphqlOptions } from './options.ts'

/** One operation that is asked for, as servers take it. */
export interface GraphqlRequest {
  /** Null where it is asked for by `id`. */
  readonly query: string | null
  readonly id: string | null
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** What came, and whether by GET. */
export interface GraphqlRequests {
  readonly all: readonly GraphqlRequest[]
  readonly byGet: boolean
}

/** Members that servers know; one of them in another case, or a second id, might be what a server takes instead. */
const members = ['query', 'variables', 'operationName', 'extensions', 'id', 'documentId']

/** Reads what a request asks for, whichever way it comes. */
export async function readRequests(exchange: Exchange, options: GraphqlOptions): Promise<GraphqlRequests | Refusal> {
  const { query } = readInput(exchange)
  if (!query.ok) return malformed(query.problem)
  const named = query.pairs.filter(([name]) => members.some((one) => one.toLowerCase() === name.trim().toLowerCase()))
  if (exchange.method === 'GET' || exchange.method === 'HEAD') {
    if (!options.accept.includes('get')) return refuse('graphql_type', 'by GET')
    if ((exchange.body.bytes?.length ?? 0) > 0) return malformed('a body beside the URL')
    const given = new Map(named)
    if (given.size !== named.length) return malformed('a parameter comes twice')
    return readUrl(given)
  }
  // Some servers prefer what the URL says to what the body says.
  if (named.length > 0) return malformed('a request in the URL beside the body')
  const body = await readInput(exchange).body
  const value = readValue(body, options)
  if ('code' in value) return value
  return readBatch(value.value, options)
}

type Value = { readonly value: unknown } | Refusal

function readValue(body: BodyInput, { accept }: GraphqlOptions): Value {
  switch (body.kind) {
    case 'unreadable':
      return malformed(body.problem)
    case 'json':
      return accept.includes('json') ? { value: body.value } : refuse('graphql_type', body.type)
    case 'text':
      if (body.type !== 'application/graphql' || !accept.includes('graphql')) return refuse('graphql_type', body.type)
      return { value: { query: body.text } }
    case 'multipart':
      return accept.includes('multipart') ? readParts(body.parts) : refuse('graphql_type', body.type)
    default:
      return refuse('graphql_type', body.kind === 'none' ? 'no body' : body.type)
  }
}

/** A form with files (the GraphQL multipart request specification): `operations` stands first. */
function readParts(parts: readonly Part[]): Value {
  const [first, ...rest] = parts
  if (first === undefined || first.name !== 'operations' || rest.some(({ name }) => name === 'operations')) {
    return malformed('the first part, and no other, is called `operations`')
  }
  const read = parseJsonBody(first.bytes)
  return read.ok ? { value: read.value } : malformed(read.problem)
}

function readBatch(value: unknown, { maxBatch }: GraphqlOptions): GraphqlRequests | Refusal {
  const all = Array.isArray(value) ? value : [value]
  if (Array.isArray(value) && (maxBatch === 1 || all.length === 0)) return malformed('a list of operations')
  if (all.length > maxBatch) return refuse('graphql_limit', `${all.length} operations, ${maxBatch} allowed`)
  const requests: GraphqlRequest[] = []
  for (const one of all) {
    const request = readRequest(one)
    if ('code' in request) return request
    requests.push(request)
  }
  return { all: requests, byGet: false }
}

function readUrl(given: ReadonlyMap<string, string>): GraphqlRequests | Refusal {
  const value: Record<string, unknown> = Object.create(null)
  for (const [name, text] of given) {
    if (name !== 'variables' && name !== 'extensions') value[name] = text
    else if (text !== '') {
      const read = parseJsonBody(Buffer.from(text))
      if (!read.ok) return malformed(`${name}: ${read.problem}`)
      value[name] = read.value
    }
  }
  const request = readRequest(value)
  return 'code' in request ? request : { all: [request], byGet: true }
}

function readRequest(value: unknown): GraphqlRequest | Refusal {
  if (!isObject(value)) return malformed('a request is an object')
  if (Object.keys(value).some((name) => !members.includes(name)))
    return malformed('a member that no server should know')
  const { query, variables, operationName } = value
  if (query !== undefined && query !== null && typeof query !== 'string') return malformed('`query` is no text')
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return malformed('`operationName` is no text')
  }
  if (variables !== undefined && variables !== null && !isObject(variables))
    return malformed('`variables` is no object')
  const id = readId(value)
  if (typeof id === 'object' && id !== null) return id
  return { query: query ?? null, id, operationName: operationName ?? null, variables: variables ?? {} }
}

/** The id of a persisted document, in the ways in which clients give it. */
function readId({ id, documentId, extensions }: Readonly<Record<string, unknown>>): string | null | Refusal {
  if (extensions !== undefined && extensions !== null && !isObject(extensions))
    return malformed('`extensions` is no object')
  const persisted = isObject(extensions) ? extensions.persistedQuery : undefined
  if (persisted !== undefined && !isObject(persisted)) return malformed('`persistedQuery` is no object')
  const given = [id, documentId, persisted?.sha256Hash].filter((one) => one !== undefined && one !== null)
  if (given.length === 0) return null
  const [first] = given
  return given.length > 1 || typeof first !== 'string' ? malformed('an id that is none, or several') : first
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(detail: string): Refusal {
  return refuse('graphql_malformed', detail)
}
