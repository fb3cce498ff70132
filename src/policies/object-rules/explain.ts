import type { Exchange } from '../../core/exchange.ts'
import type { AnswerRule } from './check-answer.ts'
import { allowedValues } from './compare.ts'
import { describeRule } from './describe-rule.ts'
import type { FindExemption } from './exemption.ts'
import type { ObjectRule } from './options.ts'
import type { RequestValue } from './request-value.ts'

/** What a request must name, prepared. */
export interface RequestRule {
  readonly rule: ObjectRule
  readonly read: (exchange: Exchange) => RequestValue
}

/** Says of each rule what it found, and whether the caller is exempt from all of them. */
export async function explainRules(
  exchange: Exchange,
  onRequest: readonly RequestRule[],
  onAnswer: readonly AnswerRule[],
  exemptRoles: readonly string[],
  hasExempt: FindExemption,
): Promise<readonly string[]> {
  const { principal } = exchange
  if (principal === null) return []
  const exempt = exemptRoles.length > 0 && (await hasExempt(principal)) === true
  const lines = onRequest.map(({ rule, read }) => {
    const found = read(exchange)
    const allowed = allowedValues(rule, principal)
    if ('problem' in found) return `${describeRule(rule)}: ${found.problem}`
    const value = found.value === null ? 'not there' : JSON.stringify(found.value)
    const may = allowed.length === 0 ? 'nothing' : allowed.map((one) => JSON.stringify(one)).join(', ')
    return `${describeRule(rule)}: it is ${value}, the caller may have ${may}`
  })
  return [
    ...(exempt ? [`exempt by one of the roles ${exemptRoles.join(', ')}`] : []),
    ...lines,
    ...onAnswer.map(({ rule }) => `${describeRule(rule)}: seen when the upstream has answered`),
  ]
}
