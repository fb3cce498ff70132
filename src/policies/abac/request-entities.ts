import type { Exchange } from '../../core/exchange.ts'
import { holdsLookAlikes, isJsonType, parseJsonBody } from '../../core/json-body.ts'
import type { Principal } from '../../core/principal.ts'
import { ambiguous, readQueryValue } from '../../core/query-value.ts'
import { type CedarValue, toCedarRecord, toCedarValue, UnusableValue } from './cedar-value.ts'
import { toCertificateRecord } from './certificate-record.ts'
import type { PolicyInput } from './options.ts'

export interface EntityId {
  readonly type: string
  readonly id: string
}

export interface Entity {
  readonly uid: EntityId
  readonly attrs: { [key: string]: CedarValue }
  readonly parents: readonly EntityId[]
}

/** One question to the engine: plain data, and everything that enters the decision. */
export interface Question {
  readonly principal: Entity
  readonly action: EntityId
  readonly resource: Entity
  readonly context: { [key: string]: CedarValue }
}

/** Throws an `UnusableValue` where something that policies are to see cannot be read in one way only. */
export function toQuestion(
  exchange: Exchange,
  principal: Principal,
  roles: Iterable<string>,
  input: PolicyInput,
  now: number,
): Question {
  const method = exchange.method === 'HEAD' ? 'GET' : exchange.method
  return {
    principal: toPrincipalEntity(principal, [...roles].sort()),
    action: { type: 'Action', id: input.action ?? method },
    resource: toResourceEntity(exchange, input),
    context: toContext(exchange, principal, method, input, now),
  }
}

function toPrincipalEntity(principal: Principal, roles: readonly string[]): Entity {
  const { id, kind, issuer, tenant, scopes, attributes } = principal
  return {
    // The issuer has no `|`, so that no two callers are one entity.
    uid: { type: kind === 'user' ? 'User' : 'Service', id: `${issuer}|${id}` },
    attrs: {
      id,
      issuer,
      ...(tenant === null ? {} : { tenant }),
      roles: [...roles],
      scopes: [...scopes],
      attributes: toCedarRecord(attributes, 'an attribute of the caller'),
    },
    parents: roles.map((role) => ({ type: 'Role', id: role })),
  }
}

function toResourceEntity({ path, params, route, host }: Exchange, { resource }: PolicyInput): Entity {
  const { type, param } = resource
  const id = param === undefined ? path : params[param]
  if (id === undefined) throw new UnusableValue(`the path has no parameter "${param}"`)
  return {
    uid: { type, id },
    attrs: { path, host, route: route.path, params: toCedarRecord(params, 'the path') },
    parents: [],
  }
}

function toContext(
  exchange: Exchange,
  principal: Principal,
  method: string,
  input: PolicyInput,
  now: number,
): { [key: string]: CedarValue } {
  const { path, host, scheme, client, carrier } = exchange
  const certificate = carrier.clientCertificate()
  return {
    method,
    path,
    host,
    scheme,
    address: { __extn: { fn: 'ip', arg: client.address } },
    credential: principal.credential.policy,
    proofOfPossession: principal.proofOfPossession !== null,
    ...(principal.assurance === null ? {} : { assurance: principal.assurance }),
    ...(certificate?.trusted ? { certificate: toCertificateRecord(certificate) } : {}),
    ...(input.query.length > 0 && { query: readQuery(exchange.query, input.query) }),
    ...(input.headers.length > 0 && { headers: readHeaders(exchange, input.headers) }),
    ...(input.time && { time: Math.floor(now / 1000) }),
    ...(input.body && readBody(exchange)),
  }
}

function readQuery(query: string, names: readonly string[]): { [key: string]: CedarValue } {
  const found: { [key: string]: CedarValue } = {}
  for (const name of names) {
    const value = readQueryValue(query, name)
    if (value === ambiguous) throw new UnusableValue(`the query parameter "${name}" can be read in several ways`)
    if (value !== null) found[name] = value
  }
  return found
}

function readHeaders({ headers }: Exchange, names: readonly string[]): { [key: string]: CedarValue } {
  const found: { [key: string]: CedarValue } = {}
  for (const name of names) {
    const values = headers.all(name)
    if (values.length > 1) throw new UnusableValue(`the field "${name}" comes ${values.length} times`)
    if (values[0] !== undefined) found[name] = values[0]
  }
  return found
}

function readBody({ body, headers }: Exchange): { body?: CedarValue } {
  const { bytes } = body
  if (bytes === null || bytes.length === 0) return {}
  if (!isJsonType(headers.get('content-type'))) throw new UnusableValue('the body is not of a JSON type')
  if (headers.has('content-encoding')) throw new UnusableValue('the body is compressed')
  const parsed = parseJsonBody(bytes)
  if (!parsed.ok) throw new UnusableValue(parsed.problem)
  if (holdsLookAlikes(parsed.value)) throw new UnusableValue('the body has two members that differ in case alone')
  const value = toCedarValue(parsed.value, 'the body')
  return value === undefined ? {} : { body: value }
}
