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
 * Prepares what the options ask of requests. What stands under `defaults` says nothing of what it does not list: there
 * are routes with other parameters, and with bodies.
 * @throws SchemaError where a schema cannot be kept to
 */
export function compileOptions(
  options: ValidateOptions,
  $defs: GatheredSchemas['$defs'],
  origin: PolicyOrigin,
): ContractValidator<RequestMessage> {
  const isShared = origin === 'defaults'
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
