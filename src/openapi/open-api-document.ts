import { BoundedCache } from '../core/bounded-cache.ts'
import { readBasePaths } from './base-paths.ts'
import { checkRoot, type OpenApiVersion, readVersion } from './check-root.ts'
import { DocumentError } from './document-error.ts'
import type { GatheredDocument } from './gather-document.ts'
import { listOperations } from './list-operations.ts'
import type { OperationContract, SecurityRequirement } from './operation.ts'
import { type Found, OperationTable } from './operation-table.ts'
import { parseTemplate } from './path-template.ts'
import type { Plain } from './plain.ts'
import { type OperationEntry, type Reading, readOperation } from './read-operation.ts'
import { readSchemes, readSecurity } from './read-security.ts'
import { Resolver } from './resolver.ts'

/** Contracts that were read and are kept; others are read again when they are asked for. */
const maxContracts = 500

/** A document whose operations are found by method and path, and read when they are first asked for. */
export class OpenApiDocument {
  readonly operations: readonly OperationEntry[]
  /** What clients write in front of its paths: the path of its first server. Empty or without a slash at its end. */
  readonly basePath: string
  readonly securitySchemes: Readonly<Record<string, Plain>>
  readonly #reading: Reading
  readonly #table: OperationTable<OperationEntry>
  readonly #contracts = new BoundedCache<OperationContract>({ maxEntries: maxContracts })

  /**
   * @param values of files that are parsed already
   * @throws `DocumentError` where its paths cannot be read
   */
  constructor(gathered: GatheredDocument, values?: ReadonlyMap<string, unknown>) {
    const resolver = new Resolver(gathered, values)
    const { root } = resolver
    const value = checkRoot(root.file, root.value)
    this.#reading = { version: readVersion(value) as OpenApiVersion, resolver }
    this.basePath = readBasePaths(value).base
    this.securitySchemes = readSchemes(resolver)
    this.operations = listOperations(resolver)
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

  /** What an operation asks of its callers, without the rest of it. */
  securityOf(entry: OperationEntry): readonly SecurityRequirement[] {
    return readSecurity(entry, this.#reading)
  }

  /** @throws `DocumentError` where the operation cannot be read */
  contractOf(entry: OperationEntry): OperationContract {
    const key = `${entry.method} ${entry.template}`
    const known = this.#contracts.get(key)
    if (known !== undefined) return known
    const contract = readOperation(entry, this.#reading)
    this.#contracts.set(key, contract)
    return contract
  }
}
