import { DocumentError } from './document-error.ts'
import { childNode } from './location.ts'
import type { SecurityRequirement } from './operation.ts'
import { isPlain, type Plain } from './plain.ts'
import type { OperationEntry, Reading } from './read-operation.ts'
import type { Resolver } from './resolver.ts'

/** The requirements of an operation: its own, else those of the document. */
export function readSecurity({ node }: OperationEntry, { resolver }: Reading): SecurityRequirement[] {
  const own = childNode(node, 'security')
  const list = own.value === undefined ? childNode(resolver.root, 'security') : own
  if (list.value === undefined) return []
  if (!Array.isArray(list.value)) throw new DocumentError(list, 'must be a list')
  return list.value.map((one: unknown, i) => {
    if (!isPlain(one)) throw new DocumentError(childNode(list, i), 'must be an object of schemes')
    return new Map(Object.entries(one).map(([scheme, scopes]) => [scheme, toNames(scopes)]))
  })
}

/** The document's schemes by their names. */
export function readSchemes(resolver: Resolver): Readonly<Record<string, Plain>> {
  const schemes = childNode(childNode(resolver.root, 'components'), 'securitySchemes')
  const names = isPlain(schemes.value) ? Object.keys(schemes.value) : []
  return Object.fromEntries(
    names.map((name) => {
      const { value } = resolver.follow(childNode(schemes, name))
      return [name, isPlain(value) ? value : {}]
    }),
  )
}

function toNames(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : []
}
