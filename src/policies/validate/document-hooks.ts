import type { FoundOperation } from '../../contract/document-contract.ts'
import { next } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { createAnswerHooks } from './answer-hooks.ts'
import { judgeOperation, refuseUnknown } from './judge-document.ts'
import { openDocument } from './open-document.ts'
import type { ValidateOptions } from './options.ts'

/** Holds requests, and answers where that is asked for, to the operations of a document. */
export function createDocumentHooks(
  options: ValidateOptions,
  deps: PolicyDeps,
): Hooks & Required<Pick<Hooks, 'validate'>> {
  const contract = openDocument(options, deps)
  const passesUnknown = options.unsafeAllowUnknownOperations !== undefined
  const operations = deps.slot<FoundOperation>()

  function find(exchange: Exchange): FoundOperation {
    let found = operations.get(exchange)
    if (found === undefined) {
      found = contract.find(exchange.method, exchange.path)
      operations.set(exchange, found)
    }
    return found
  }

  return {
    ...createAnswerHooks(options, deps, find),
    requestBody: 'buffer',
    // An upload that nobody looks into streams by; what is refused anyway is not waited for.
    needsBody(exchange) {
      const found = find(exchange)
      return found.kind === 'operation' && found.operation.readsBody
    },
    validate(exchange) {
      const found = find(exchange)
      if (found.kind === 'operation') return judgeOperation(exchange, found)
      return passesUnknown && found.kind !== 'broken' ? next : refuseUnknown(exchange, found, deps.log)
    },
  }
}
