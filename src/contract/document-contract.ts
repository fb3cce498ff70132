import { BoundedCache } from '../core/bounded-cache.ts'
import { DocumentError } from '../openapi/document-error.ts'
import type { OpenApiDocument } from '../openapi/open-api-document.ts'
import type { OperationEntry } from '../openapi/read-operation.ts'
import { isOpaque } from './body/compile-body.ts'
import {
  type ContractOptions,
  type ContractValidator,
  compileRequest,
  compileResponse,
  type RequestMessage,
  type ResponseMessage,
} from './compile-contract.ts'
import { SchemaError } from './schema/schema-error.ts'

/** An operation of a document whose messages are judged. */
export interface JudgedOperation {
  readonly id: string
  /** False where any bytes are fine: they may stream by. */
  readonly readsBody: boolean
  readonly request: ContractValidator<RequestMessage>
  /** In words where answers cannot be judged. */
  readonly response: () => ContractValidator<ResponseMessage> | string
}

export type FoundOperation =
  | {
      readonly kind: 'operation'
      readonly operation: JudgedOperation
      readonly params: Readonly<Record<string, string>>
    }
  | { readonly kind: 'no-path' }
  | { readonly kind: 'no-method'; readonly allowed: readonly string[] }
  /** The document says something of it that cannot be kept to; in words for the operator. */
  | { readonly kind: 'broken'; readonly problem: string }

export interface DocumentOptions {
  /** What stands before the document's paths, without a slash at its end. */
  readonly basePath: string
  readonly request: ContractOptions
  readonly response: ContractOptions
}

/** Operations that are compiled and kept; others are compiled again when they are asked for. */
const maxOperations = 500
const noPath: FoundOperation = Object.freeze({ kind: 'no-path' })

/** The operations of a document, found by method and path and compiled when they are first asked for. */
export class DocumentContract {
  readonly #document: OpenApiDocument
  readonly #options: DocumentOptions
  readonly #compiled = new BoundedCache<JudgedOperation | string>({ maxEntries: maxOperations })

  constructor(document: OpenApiDocument, options: DocumentOptions) {
    this.#document = document
    this.#options = options
  }

  /** @param path normalised, as clients write it */
  find(method: string, path: string): FoundOperation {
    const { basePath } = this.#options
    if (!path.startsWith(basePath)) return noPath
    const below = path.slice(basePath.length)
    if (!below.startsWith('/')) return noPath
    const found = this.#document.find(method, below)
    if (found.kind !== 'operation') return found
    const operation = this.judgedOf(found.operation)
    return typeof operation === 'string'
      ? { kind: 'broken', problem: operation }
      : { kind: 'operation', operation, params: found.params }
  }

  /** In words, where the operation cannot be judged. */
  judgedOf(entry: OperationEntry): JudgedOperation | string {
    const key = `${entry.method} ${entry.template}`
    const known = this.#compiled.get(key)
    if (known !== undefined) return known
    const compiled = this.#compile(entry, key)
    this.#compiled.set(key, compiled)
    return compiled
  }

  #compile(entry: OperationEntry, key: string): JudgedOperation | string {
    return explained(key, () => {
      const contract = this.#document.contractOf(entry)
      const { request, response } = this.#options
      // Answers are judged much more rarely than requests, on many routes never.
      let outward: ContractValidator<ResponseMessage> | string | null = null
      return {
        id: contract.id,
        readsBody: contract.body?.media.some((media) => !isOpaque(media)) ?? false,
        request: compileRequest(contract, request),
        response: () => {
          outward ??= explained(key, () => compileResponse(contract, response))
          return outward
        },
      }
    })
  }
}

function explained<T>(key: string, compile: () => T): T | string {
  try {
    return compile()
  } catch (error) {
    if (error instanceof DocumentError) return error.message
    if (error instanceof SchemaError) return `${key}: ${error.at} ${error.message}`
    throw error
  }
}
