import { BoundedCache } from '../core/bounded-cache.ts'
import { readBasePaths } from './base-paths.ts'
import { checkRoot, type OpenApiVersion, readVersion } from './check-root.ts'
import { DocumentError } from './document-error.ts'
import type { GatheredDocument } from './gather-document.ts'
import { listOperations } from './list-operations.ts'
import type { OperationContract } from './operation.ts'
import { type Found, OperationTable } from './operation-table.ts'
import { parseTemplate } from './path-template.ts'
import { childOf, type Plain } from './plain.ts'
import { type OperationEntry, readOperation } from './read-operation.ts'
import { Resolver } from './resolver.ts'

/** Contracts that were read and are kept; others are read again when they are asked for. */
const maxContracts = 500

/** A document whose operations are found by method and path, and read when they are first asked for. */
export class OpenApiDocument {
  readonly version: OpenApiVersion
  readonly operations: readonly OperationEntry[]
  /** What clients write in front of its paths: the path of its first server. Empty or without a slash at its end. */
  readonly basePath: string
  readonly securitySchemes: Plain
  readonly #resolver: Resolver
  readonly #table: OperationTable<OperationEntry>
  readonly #contracts = new BoundedCache<OperationContract>({ maxEntries: maxContracts })

  /**
   * @param values of files that are parsed already
   * @throws `DocumentError` where its paths cannot be read
   */
  constructor(gathered: GatheredDocument, values?: ReadonlyMap<string, unknown>) {
    this.#resolver = new Resolver(gathered, values)
    const { root } = this.#resolver
    const value = checkRoot(root.file, root.value)
    this.version = readVersion(value) as OpenApiVersion
    this.basePath = readBasePaths(value).base
    this.securitySchemes = childOf(value.components, 'securitySchemes')
    this.operations = listOperations(this.#resolver)
    this.#table = new OperationTable(
      this.operations.map((entry) => {
        const template = parseTemplate(entry.template)
        if (template === null) throw new DocumentError(entry.node, `"${entry.template}" is no path template`)
        return [template, entry.method, entry]
      }),
    )
  }

  /** @param path normalised, without the base path */
  find(method: string, path: string): Found<OperationEntry> {
    return this.#table.find(method, path)
  }

  /** @throws `DocumentError` where the operation cannot be read */
  contractOf(entry: OperationEntry): OperationContract {
    const key = `${entry.method} ${entry.template}`
    const known = this.#contracts.get(key)
    if (known !== undefined) return known
    const contract = readOperation(entry, { version: this.version, resolver: this.#resolver })
    this.#contracts.set(key, contract)
    return contract
  }
}
