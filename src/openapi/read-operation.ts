import type { OpenApiVersion } from './check-root.ts'
import { DocumentError } from './document-error.ts'
import { childNode, type Node } from './location.ts'
import type { OperationContract, ParameterContract, ResponseContract } from './operation.ts'
import { readNames } from './path-template.ts'
import { isPlain } from './plain.ts'
import { readMedia } from './read-media.ts'
import { readHeaders, readParameters } from './read-parameter.ts'
import { readSecurity } from './read-security.ts'
import type { Resolver } from './resolver.ts'

/** What all that is read of one document has in common. */
export interface Reading {
  readonly version: OpenApiVersion
  readonly resolver: Resolver
}

/** One operation of a document, not read yet. */
export interface OperationEntry {
  /** In upper case. */
  readonly method: string
  /** As the document has it, without a base path. */
  readonly template: string
  readonly node: Node
  /** What its path item says for all methods. */
  readonly shared: readonly Node[]
}

/** @throws `DocumentError` where the document says something that no contract can be made of */
export function readOperation(entry: OperationEntry, reading: Reading): OperationContract {
  const { node, method, template } = entry
  const body = reading.resolver.follow(childNode(node, 'requestBody'))
  const parameters = readParameters(
    [node, ...entry.shared].map((one) => childNode(one, 'parameters')),
    reading,
  )
  checkPathParameters(entry, parameters)
  return {
    id: readOperationId(entry) ?? `${method} ${template}`,
    parameters,
    body: isPlain(body.value)
      ? { required: body.value.required === true, media: readMedia(childNode(body, 'content'), reading) }
      : null,
    responses: readResponses(childNode(node, 'responses'), reading),
    security: readSecurity(entry, reading),
  }
}

export function readOperationId({ node }: OperationEntry): string | null {
  const { value } = childNode(node, 'operationId')
  return typeof value === 'string' ? value : null
}

function readResponses(node: Node, reading: Reading): ReadonlyMap<string, ResponseContract> {
  if (!isPlain(node.value)) return new Map()
  const statuses = Object.keys(node.value).filter((status) => !status.startsWith('x-'))
  return new Map(
    statuses.map((status) => {
      if (!/^([1-5]\d\d|[1-5][xX]{2}|default)$/.test(status)) {
        throw new DocumentError(childNode(node, status), 'is neither a status nor a range such as 4XX')
      }
      const response = reading.resolver.follow(childNode(node, status))
      const contract = {
        headers: readHeaders(childNode(response, 'headers'), reading),
        media: readMedia(childNode(response, 'content'), reading),
      }
      return [status === 'default' ? status : status.toUpperCase(), contract]
    }),
  )
}

/** What a template names has to be described: it would not be looked at otherwise. */
function checkPathParameters({ template, node }: OperationEntry, parameters: readonly ParameterContract[]): void {
  const described = parameters.filter((one) => one.in === 'path').map(({ name }) => name)
  const names = readNames(template)
  const missing = names.find((name) => !described.includes(name))
  if (missing !== undefined) throw new DocumentError(node, `the path parameter "${missing}" is not described`)
  const unknown = described.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new DocumentError(node, `the path has no parameter "${unknown}"`)
}
