import type { JudgedOperation } from '../../contract/document-contract.ts'
import { next } from '../../core/decision.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { judgeOperation, readsBodies, refuseUnknown } from './judge-document.ts'
import { openDocument } from './open-document.ts'
import type { ValidateOptions } from './options.ts'

/** Holds requests, and answers where that is asked for, to the operations of a document. */
export function createDocumentHooks(
  options: ValidateOptions,
  deps: PolicyDeps,
): Hooks & Required<Pick<Hooks, 'validate'>> {
  const contract = openDocument(options, deps)
  const passesUnknown = options.unsafeAllowUnknownOperations !== undefined
  const judged = deps.slot<JudgedOperation>()
  return {
    requestBody: readsBodies(contract, deps.route) ? 'buffer' : 'none',
    validate(exchange) {
      const found = contract.find(exchange.method, exchange.path)
      if (found.kind === 'operation') {
        judged.set(exchange, found.operation)
        return judgeOperation(exchange, found)
      }
      return passesUnknown && found.kind !== 'broken' ? next : refuseUnknown(exchange, found, deps.log)
    },
  }
}
