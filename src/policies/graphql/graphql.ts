import { createHash } from 'node:crypto'
import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, parse } from 'graphql'
import { type Decision, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { refuseViolations } from '../../input/violation.ts'
import { type AllowList, parseAllowList } from './allow-list.ts'
import { FragmentFault, type Measure, Measuring } from './measure.ts'
import type { GraphqlOptions } from './options.ts'
import { type GraphqlRequest, readRequests } from './read-requests.ts'

export async function createGraphql(options: GraphqlOptions, deps: PolicyDeps): Promise<Hooks> {
  const { allowList: path, maxTokens, maxVariablesBytes } = options
  const allowList = path === undefined ? null : parseAllowList(await deps.secret(path), path)

  async function validate(exchange: Exchange): Promise<Decision> {
    if (exchange.upgrade !== null) return refuse('graphql_upgrade')
    const requests = await readRequests(exchange, options)
    if ('code' in requests) return requests
    let cost = 0
    for (const request of requests.all) {
      const judged = judge(request, requests.byGet)
      if (typeof judged !== 'number') return judged
      cost += judged
    }
    // A batch may not cost more than one operation: it is one request to every limit that counts requests.
    return cost > options.maxCost ? tooMuch('maxCost', `at most ${options.maxCost} in all`) : next
  }

  /** What a request costs, or why it may not run. */
  function judge(request: GraphqlRequest, byGet: boolean): number | Refusal {
    const text = findText(request, allowList)
    if (typeof text !== 'string') return text
    if (Buffer.byteLength(JSON.stringify(request.variables)) > maxVariablesBytes) {
      return tooMuch('maxVariablesBytes', `at most ${maxVariablesBytes} bytes`)
    }
    try {
      const document = parse(text, { noLocation: true, maxLexicalTokens: maxTokens, maxComments: maxTokens })
      if (allowList !== null && !allowList.has(text)) return notAllowed('allowList', 'a query of the allow-list')
      return judgeDocument(document, request, byGet)
    } catch (error) {
      if (error instanceof FragmentFault) return refuse('graphql_malformed', error.message)
      // The stack of the parser ends long after every depth that is allowed.
      if (error instanceof RangeError) return tooMuch('maxDepth', `at most ${options.maxDepth} levels`)
      if (!(error instanceof GraphQLError)) throw error
      if (error.message.includes('Parsing aborted')) return tooMuch('maxTokens', `at most ${maxTokens} tokens`)
      return refuse('graphql_malformed', error.message.slice(0, 200))
    }
  }

  function judgeDocument(document: DocumentNode, { variables, operationName }: GraphqlRequest, byGet: boolean) {
    const operations: OperationDefinitionNode[] = []
    for (const definition of document.definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition)
      else if (definition.kind !== Kind.FRAGMENT_DEFINITION) return refuse('graphql_malformed', 'a definition of types')
    }
    if (operations.length > maxOperations) return tooMuch('operations', `at most ${maxOperations} in one document`)
    const names = operations.map(({ name }) => name?.value ?? null)
    if (new Set(names).size !== names.length || (names.length > 1 && names.includes(null))) {
      return refuse('graphql_malformed', 'operations without a name, or of one name')
    }
    if (names.length === 0 || (names.length > 1 && operationName === null)) {
      return refuse('graphql_malformed', 'it does not say which operation')
    }
    const measuring = new Measuring(document, options)
    let cost = 0
    // All of them, whichever is named: a server might run another.
    for (const operation of operations) {
      if (!options.operations.includes(operation.operation)) {
        return notAllowed('operations', `a ${options.operations.join(' or a ')}`)
      }
      if (byGet && operation.operation !== 'query') return notAllowed('method', `POST for a ${operation.operation}`)
      const measure = measuring.measure(operation, variables)
      const refusal = checkMeasure(measure, options)
      if (refusal !== null) return refusal
      cost = Math.max(cost, measure.cost)
    }
    return cost
  }

  return { requestBody: 'buffer', validate }
}

/** The document that will run: what is sent, or what an id stands for. */
function findText({ query, id }: GraphqlRequest, allowList: AllowList | null): string | Refusal {
  if (query === null) {
    if (id === null) return refuse('graphql_malformed', 'neither a query nor an id')
    // Without a list, only the server knows what it stands for.
    return allowList?.find(id) ?? notAllowed('allowList', 'an id of the allow-list')
  }
  if (id !== null && id !== createHash('sha256').update(query).digest('hex') && allowList?.find(id) !== query) {
    return refuse('graphql_malformed', 'a query and an id that is not its own')
  }
  return query
}

/** Each is measured with the fragments that it shares with others. */
const maxOperations = 20

const words = {
  maxDepth: ['depth', 'levels'],
  maxAliases: ['aliases', 'aliases'],
  maxRootFields: ['rootFields', 'fields of the operation itself'],
  maxDirectives: ['directives', 'directives'],
  maxCost: ['cost', 'in all'],
} as const satisfies Partial<Record<keyof GraphqlOptions, readonly [keyof Measure, string]>>

function checkMeasure(measure: Measure, options: GraphqlOptions): Refusal | null {
  if (measure.introspects && !options.introspection) return notAllowed('introspection', 'no introspection')
  for (const [limit, [what, unit]] of Object.entries(words)) {
    const allowed = options[limit as keyof typeof words]
    // What cannot be counted is too much as well.
    if (!(measure[what] <= allowed)) return tooMuch(limit, `at most ${allowed} ${unit}`)
  }
  return null
}

function notAllowed(rule: string, expected: string): Refusal {
  return refuseViolations('graphql_refused', [{ in: 'body', at: '/query', rule, expected }])
}

function tooMuch(rule: string, expected: string): Refusal {
  return refuseViolations('graphql_limit', [{ in: 'body', at: '/query', rule, expected }])
}
