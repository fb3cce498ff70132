import type { ContractOptions } from '../../contract/compile-contract.ts'
import { DocumentContract } from '../../contract/document-contract.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import { toStableJson } from '../../core/stable-json.ts'
import { type Documents, documentsBlock } from '../../openapi/documents-block.ts'
import { OpenApiDocument } from '../../openapi/open-api-document.ts'
import { toContractOptions } from './compile-options.ts'
import type { ValidateOptions } from './options.ts'

/** Something that outlives a reload needs an object. */
interface Opened {
  readonly contract: DocumentContract
}

/** The operations of the document that options name: opened once for all routes of a thread, kept while it is the same. */
export function openDocument(options: ValidateOptions, { block, shared }: PolicyDeps): DocumentContract {
  const { openapi = '', basePath } = options
  const documents = block<Documents | undefined>(documentsBlock) ?? {}
  const gathered = Object.hasOwn(documents, openapi) ? documents[openapi] : undefined
  if (gathered === undefined) throw new Error(`the document ${openapi} was not read`)
  const request = toContractOptions(options)
  const response = toAnswerOptions(options)
  const document = shared(`openapi:${gathered.digest}`, () => new OpenApiDocument(gathered))
  const key = `contract:${gathered.digest}:${toStableJson({ basePath, request, response })}`
  const open = (): Opened => ({
    contract: new DocumentContract(document, {
      basePath: basePath?.replace(/\/$/, '') ?? document.basePath,
      request,
      response,
    }),
  })
  return shared(key, open).contract
}

/** What an answer holds too much is looked for whatever requests may hold. */
export function toAnswerOptions(options: ValidateOptions): ContractOptions {
  return { ...toContractOptions(options), unknownProperties: 'refuse', xml: 'pass', tellsAll: options.removeUnexpected }
}
