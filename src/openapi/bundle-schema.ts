import type { OpenApiVersion } from './check-root.ts'
import { discriminate, discriminateParent } from './discriminator.ts'
import { DocumentError } from './document-error.ts'
import { childNode, type Location, type Node, toLocationText } from './location.ts'
import { toNewKeywords } from './old-keywords.ts'
import type { JsonSchema } from './operation.ts'
import { isPlain } from './plain.ts'
import type { Resolver } from './resolver.ts'
import { dialects, keywords, refusedKeywords } from './schema-keywords.ts'

/** A schema that is being written. */
export type Draft = Record<string, unknown>

const maxSchemas = 5000
const maxDepth = 100

/** Writes a schema of a document as one that is complete in itself; what it refers to stands in its `$defs`. */
export function bundleSchema(schema: Node, version: OpenApiVersion, resolver: Resolver): JsonSchema {
  return new Bundle(version, resolver).run(schema)
}

/** The schemas that one schema refers to, each written once, so that those that refer to themselves end. */
export class Bundle {
  readonly version: OpenApiVersion
  readonly resolver: Resolver
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()
  readonly #waiting: { readonly name: string; readonly node: Node; readonly bare: boolean }[] = []
  #depth = 0

  constructor(version: OpenApiVersion, resolver: Resolver) {
    this.version = version
    this.resolver = resolver
  }

  run(schema: Node): JsonSchema {
    const root = this.convert(schema)
    const $defs: Draft = {}
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      $defs[next.name] = this.convert(next.node, next.bare)
    }
    if (this.#names.size === 0) return root as JsonSchema
    return { ...(root as Draft), $defs }
  }

  /** @param bare without what its discriminator says of schemas that build on it */
  convert(node: Node, bare = false): JsonSchema {
    const { value } = node
    if (typeof value === 'boolean') return value
    if (!isPlain(value)) throw new DocumentError(node, 'this is no schema')
    if (++this.#depth > maxDepth) throw new DocumentError(node, 'the schema is nested too deep')
    const draft: Draft = {}
    for (const keyword of Object.keys(value)) this.#take(keyword, node, draft)
    if (isPlain(value.discriminator)) {
      if (value.oneOf !== undefined || value.anyOf !== undefined) discriminate(node, draft, this)
      else if (!bare) discriminateParent(node, draft, this)
    }
    this.#depth--
    return this.version === '3.0' ? toNewKeywords(value, draft) : draft
  }

  /** A reference to a schema of the document, under `$defs`. */
  refer(target: Node, bare = false): Draft {
    const key = `${toLocationText(target)}${bare ? ' bare' : ''}`
    let name = this.#names.get(key)
    if (name === undefined) {
      if (this.#names.size === maxSchemas) throw new DocumentError(target, `refers to more than ${maxSchemas} schemas`)
      name = this.#toFreeName(target)
      this.#names.set(key, name)
      this.#waiting.push({ name, node: target, bare })
    }
    return { $ref: `#/$defs/${name}` }
  }

  #take(keyword: string, node: Node, draft: Draft): void {
    const child = childNode(node, keyword)
    switch (keywords.get(keyword)) {
      case 'schema':
        draft[keyword] = this.convert(child)
        return
      case 'schemas':
        draft[keyword] = this.#list(child, keyword === 'allOf')
        return
      case 'named-schemas':
        draft[keyword] = this.#named(child)
        return
      case 'value':
        draft[keyword] = child.value
        return
      case 'note':
        return
      case 'special':
        this.#special(keyword, child, draft)
        return
      case undefined:
        if (!keyword.startsWith('x-')) throw this.#unknown(keyword, child)
    }
  }

  #special(keyword: string, child: Node, draft: Draft): void {
    if (keyword === '$ref') {
      if (typeof child.value !== 'string') throw new DocumentError(child, 'must be a text')
      Object.assign(draft, this.refer(this.resolver.target(child, child.value)))
    } else if (keyword === 'nullable' && this.version !== '3.0') {
      const hint = "Write `type: [string, 'null']`."
      throw new DocumentError(child, '`nullable` means nothing since OpenAPI 3.1', { hint })
    } else if (keyword === '$schema' && !dialects.has(String(child.value))) {
      throw new DocumentError(child, 'schemas of this dialect are not read: JSON Schema 2020-12 is')
    }
  }

  /** What an `allOf` builds on is taken bare: its discriminator leads back here. */
  #list(node: Node, bare: boolean): JsonSchema[] {
    if (!Array.isArray(node.value)) throw new DocumentError(node, 'must be a list of schemas')
    return node.value.map((_, i) => {
      const child = childNode(node, i)
      const { value } = child
      if (!bare || !isPlain(value) || typeof value.$ref !== 'string' || Object.keys(value).length > 1) {
        return this.convert(child)
      }
      const target = this.resolver.target(child, value.$ref)
      return this.refer(target, isPlain(target.value) && isPlain(target.value.discriminator))
    })
  }

  #named(node: Node): Draft {
    if (!isPlain(node.value)) throw new DocumentError(node, 'must be an object of schemas')
    return Object.fromEntries(Object.keys(node.value).map((name) => [name, this.convert(childNode(node, name))]))
  }

  #unknown(keyword: string, at: Location): DocumentError {
    if (refusedKeywords.has(keyword)) {
      return new DocumentError(at, `\`${keyword}\` is not read in a document`, { hint: 'Refer by `#/components/…`.' })
    }
    const hint = 'Remove it, or begin its name with `x-` if it is a note.'
    return new DocumentError(at, `\`${keyword}\` is no keyword of a schema`, { hint })
  }

  #toFreeName({ tokens, file }: Node): string {
    const plain = (tokens.at(-1) ?? file).replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60) || '_'
    let name = plain
    for (let i = 2; this.#taken.has(name); i++) name = `${plain}_${i}`
    this.#taken.add(name)
    return name
  }
}
