import { askAll, type Later } from '../../contract/standard/ask-later.ts'
import type { Judged } from '../../contract/standard/compile-standard.ts'
import type { Decision } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { BodyInput } from '../../input/read-body.ts'
import { type RequestInput, readInput } from '../../input/request-input.ts'
import { compileOptions, listsAnything } from './compile-options.ts'
import { createDocumentHooks } from './document-hooks.ts'
import type { ValidateOptions } from './options.ts'
import type { GatheredSchemas } from './schemas-block.ts'
import { settleJudged, toDecision } from './to-decision.ts'

export function createValidate(options: ValidateOptions, deps: PolicyDeps): Hooks {
  if (options.openapi === undefined) return createSchemaHooks(options, deps)
  // No document of the API speaks of what a policy answers.
  if (deps.route.reachesApi === false) return {}
  const ofDocument = createDocumentHooks(options, deps)
  if (!listsAnything(options)) return ofDocument
  const ofSchemas = createSchemaHooks(options, deps)
  return { ...ofDocument, needsBody: () => true, validate: inOrder(ofDocument.validate, ofSchemas.validate) }
}

function createSchemaHooks(options: ValidateOptions, deps: PolicyDeps): Pick<Required<Hooks>, 'validate'> & Hooks {
  const $defs = deps.block<GatheredSchemas | undefined>('schemas')?.$defs ?? {}
  const contract = compileOptions(options, $defs, deps.origin)

  function judge(
    { id, params, headers }: Exchange,
    { query, cookies }: RequestInput,
    body: BodyInput,
  ): Decision | Promise<Decision> {
    const later: Later = []
    const verdict = contract.judge({ params, query, headers, cookies, body }, later)
    if (verdict.kind !== 'meets' || later.length === 0) return toDecision(verdict)
    const settle = (judged: Judged): Decision => settleJudged(judged, id, deps.log)
    const judged = askAll(later)
    return judged instanceof Promise ? judged.then(settle) : settle(judged)
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

type Validate = (exchange: Exchange) => Decision | Promise<Decision>

function inOrder(first: Validate, second: Validate): Validate {
  return async (exchange) => {
    const decision = await first(exchange)
    return decision.kind === 'next' ? second(exchange) : decision
  }
}
