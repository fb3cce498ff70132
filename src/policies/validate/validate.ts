import type { Verdict } from '../../contract/compile-contract.ts'
import { type Decision, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { BodyInput } from '../../input/read-body.ts'
import { type RequestInput, readInput } from '../../input/request-input.ts'
import { refuseViolations } from '../../input/violation.ts'
import { compileOptions } from './compile-options.ts'
import type { ValidateOptions } from './options.ts'
import type { GatheredSchemas } from './schemas-block.ts'

export function createValidate(options: ValidateOptions, deps: PolicyDeps): Hooks {
  const $defs = deps.block<GatheredSchemas | undefined>('schemas')?.$defs ?? {}
  const contract = compileOptions(options, $defs, deps.origin)

  function judge({ params, headers }: Exchange, { query, cookies }: RequestInput, body: BodyInput): Decision {
    return toDecision(contract.judge({ params, query, headers, cookies, body }))
  }

  return {
    requestBody: 'buffer',
    validate(exchange) {
      const input = readInput(exchange)
      const { body } = input
      if (body instanceof Promise) return body.then((read) => judge(exchange, input, read))
      return judge(exchange, input, body)
    },
  }
}

function toDecision(verdict: Verdict): Decision {
  switch (verdict.kind) {
    case 'meets':
      return next
    case 'violates':
      return refuseViolations('contract_violated', verdict.violations)
    case 'unreadable':
      return refuse('contract_unreadable', verdict.problem)
    case 'media-type':
      return refuse('contract_media_type', undefined, { headers: [['accept', verdict.accepted.join(', ')]] })
  }
}
