import { DocumentError } from './document-error.ts'
import type { GatheredDocument } from './gather-document.ts'
import { childNode, type Node, parseReference, resolveFile } from './location.ts'
import { isPlain } from './plain.ts'
import { walkReferences } from './walk-references.ts'

const maxHops = 32

/** Finds what references of a gathered document lead to. Files are parsed at first use. */
export class Resolver {
  readonly #document: GatheredDocument
  readonly #values: Map<string, unknown>
  readonly #anchors = new Map<string, ReadonlyMap<string, readonly string[]>>()

  /** @param values of files that are parsed already */
  constructor(document: GatheredDocument, values: ReadonlyMap<string, unknown> = new Map()) {
    this.#document = document
    this.#values = new Map(values)
  }

  get root(): Node {
    const { root } = this.#document
    return { file: root, tokens: [], value: this.#valueOf(root) }
  }

  /** What a `$ref` that stands at a node leads to. */
  target(node: Node, text: string): Node {
    const reference = parseReference(text)
    if (reference.kind === 'refused') throw new DocumentError(node, reference.message, { hint: reference.hint })
    const file = resolveFile(node.file, reference.file)
    if (file === null || !Object.hasOwn(this.#document.files, file)) {
      throw new DocumentError(node, `"${text}" leads to no file that was read`)
    }
    const tokens = reference.kind === 'pointer' ? reference.tokens : this.#anchorsOf(file).get(reference.anchor)
    let found: Node = { file, tokens: [], value: this.#valueOf(file) }
    for (const token of tokens ?? []) found = childNode(found, token)
    if (tokens === undefined || found.value === undefined) throw new DocumentError(node, `nothing stands at "${text}"`)
    return found
  }

  /** Follows references until there is something else; undefined stays undefined. */
  follow(node: Node): Node {
    let found = node
    for (let i = 0; i < maxHops; i++) {
      const { value } = found
      if (!isPlain(value) || typeof value.$ref !== 'string') return found
      found = this.target(found, value.$ref)
    }
    throw new DocumentError(node, 'references lead in a circle')
  }

  #valueOf(file: string): unknown {
    if (!this.#values.has(file)) this.#values.set(file, JSON.parse(this.#document.files[file] as string))
    return this.#values.get(file)
  }

  #anchorsOf(file: string): ReadonlyMap<string, readonly string[]> {
    const known = this.#anchors.get(file) ?? walkReferences(file, this.#valueOf(file), () => {})
    this.#anchors.set(file, known)
    return known
  }
}
