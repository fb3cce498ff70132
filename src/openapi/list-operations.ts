import { DocumentError } from './document-error.ts'
import { childNode, type Node } from './location.ts'
import { isPlain } from './plain.ts'
import type { OperationEntry } from './read-operation.ts'
import type { Resolver } from './resolver.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query']

/** Every operation of a document, in its order. Nothing of them is read yet. */
export function listOperations(resolver: Resolver): OperationEntry[] {
  const paths = childNode(resolver.root, 'paths')
  if (paths.value === undefined) return []
  const templates = Object.keys(paths.value as object).filter((template) => !template.startsWith('x-'))
  return templates.flatMap((template) => {
    const own = childNode(paths, template)
    if (!template.startsWith('/')) throw new DocumentError(own, 'a path begins with "/"')
    const target = resolver.follow(own)
    if (!isPlain(target.value)) throw new DocumentError(own, 'must be an object of operations')
    // What stands beside a reference comes first.
    const shared = target === own ? [own] : [own, target]
    const found = new Map<string, Node>()
    for (const item of shared) {
      for (const [method, node] of readItem(item)) if (!found.has(method)) found.set(method, node)
    }
    return [...found].map(([method, node]) => ({ method, template, node, shared }))
  })
}

function* readItem(item: Node): Generator<[string, Node]> {
  for (const method of methods) {
    const node = childNode(item, method)
    if (node.value === undefined) continue
    if (!isPlain(node.value)) throw new DocumentError(node, 'must be an operation')
    yield [method.toUpperCase(), node]
  }
  // OpenAPI 3.2 section 4.9: any other method, as it is written.
  const others = childNode(item, 'additionalOperations')
  if (!isPlain(others.value)) return
  for (const method of Object.keys(others.value)) yield [method.toUpperCase(), childNode(others, method)]
}
