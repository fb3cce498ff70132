import {
  type ContractOptions,
  type ContractValidator,
  compileRequest,
  type RequestMessage,
} from '../../contract/compile-contract.ts'
import type { PolicyOrigin } from '../../core/policy.ts'
import type { ValidateOptions } from './options.ts'
import type { GatheredSchemas } from './schemas-block.ts'
import { toOperation } from './to-operation.ts'

/**
 * Prepares what the options ask of requests. What stands under `defaults`, or beside a document, says nothing of what
 * it does not list: there are other parameters, and bodies.
 * @throws SchemaError where a schema cannot be kept to
 */
export function compileOptions(
  options: ValidateOptions,
  $defs: GatheredSchemas['$defs'],
  origin: PolicyOrigin,
): ContractValidator<RequestMessage> {
  const isShared = origin === 'defaults' || options.openapi !== undefined
  return compileRequest(toOperation(options, $defs), {
    ...toContractOptions(options),
    ...(isShared && { unknownQuery: 'ignore', unknownCookies: 'ignore' }),
    unlistedBody: isShared ? 'ignore' : 'refuse',
  })
}

export function toContractOptions(options: ValidateOptions): ContractOptions {
  const { unknownQuery, unknownCookies, unsafeAllowUnknownProperties, unsafeAllowXml } = options
  return {
    unknownProperties: unsafeAllowUnknownProperties === undefined ? 'refuse' : 'ignore',
    unknownQuery,
    unknownCookies,
    xml: unsafeAllowXml === undefined ? 'refuse' : 'pass',
  }
}

/** Whether options say anything of requests themselves, beside a document. */
export function listsAnything({ path, query, headers, cookies, body }: ValidateOptions): boolean {
  return body !== undefined || [path, query, headers, cookies].some((all) => Object.keys(all).length > 0)
}
