import type { Answer } from '../../core/answer.ts'
import { type Decision, type Next, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import type { Principal } from '../../core/principal.ts'
import { openRoleSource } from '../../roles/role-source.ts'
import { checkAnswer, readAnswer, toAnswerRule } from './check-answer.ts'
import { allowedValues } from './compare.ts'
import { describeRule } from './describe-rule.ts'
import { createExemption } from './exemption.ts'
import { explainRules, type RequestRule } from './explain.ts'
import type { ObjectOptions } from './options.ts'
import { askForWhole, keepPrivate } from './plain-answers.ts'
import { createReader } from './request-value.ts'

export function createObjectRules({ object: { rules, exempt, issuers } }: ObjectOptions, deps: PolicyDeps): Hooks {
  const onRequest = rules.flatMap((rule): RequestRule[] => {
    const read = createReader(rule)
    return read === null ? [] : [{ rule, read }]
  })
  const onAnswer = rules.flatMap((rule) => toAnswerRule(rule) ?? [])
  const source = exempt === undefined ? null : openRoleSource(deps)
  const believed = issuers === undefined ? null : toIssuers(issuers, deps)
  const isExempt = deps.slot<boolean>()
  const hasExempt = createExemption(source, exempt?.roles ?? [])

  function authorize(exchange: Exchange): Decision | Promise<Decision> {
    const { principal } = exchange
    if (principal === null) return refuse('credential_missing')
    const refusal = checkRequest(exchange, principal)
    if (refusal === null && onAnswer.length === 0) return next
    const exemption = hasExempt(principal)
    return exemption instanceof Promise
      ? exemption.then((found) => settle(exchange, refusal, found))
      : settle(exchange, refusal, exemption)
  }

  function checkRequest(exchange: Exchange, principal: Principal): Refusal | null {
    // Two issuers may call different people by one id.
    if (believed?.has(principal.issuer) === false) return refuse('object_foreign', 'the caller is of another issuer')
    for (const one of onRequest) {
      const refusal = checkRule(one, exchange, principal)
      if (refusal !== null) return refusal
    }
    return null
  }

  function settle(exchange: Exchange, refusal: Refusal | null, exemption: boolean | Refusal): Decision {
    if (typeof exemption !== 'boolean') return refusal === null ? exemption : refusal
    isExempt.set(exchange, exemption)
    if (exemption) return next
    if (refusal !== null) return refusal
    // Nothing of the answer comes with HEAD, so nothing of it can be checked.
    if (onAnswer.length > 0 && exchange.method === 'HEAD') return refuse('object_head', undefined, allowGet)
    return next
  }

  function forward(exchange: Exchange): Next {
    if (isExempt.get(exchange) !== true) askForWhole(exchange)
    return next
  }

  function respond(exchange: Exchange, answer: Answer): Next | Refusal {
    const { principal } = exchange
    if ((answer.source !== 'upstream' && answer.source !== 'handler') || isExempt.get(exchange) === true) return next
    // Errors show no object. Upgrades, redirects and everything that may hold one are looked at.
    if (answer.status >= 400) return next
    const read = readAnswer(answer)
    if (principal === null || 'problem' in read) {
      return refuse('object_unproven', 'problem' in read ? read.problem : 'nobody was identified')
    }
    for (const rule of onAnswer) {
      const verdict = checkAnswer(read.document, rule, allowedValues(rule.rule, principal))
      if (verdict.kind === 'foreign') return refuse('object_hidden', verdict.detail)
      if (verdict.kind === 'unproven') return refuse('object_unproven', verdict.detail)
    }
    keepPrivate(answer)
    return next
  }

  return {
    authorize,
    explain: (exchange) => explainRules(exchange, onRequest, onAnswer, exempt?.roles ?? [], hasExempt),
    ...(onRequest.some(({ rule }) => rule.body !== undefined) && { requestBody: 'buffer' }),
    ...(onAnswer.length > 0 && { respond, responseBody: 'buffer', ...(deps.mode === 'enforce' && { forward }) }),
  }
}

const allowGet = { headers: [['allow', 'GET']] } as const

function checkRule({ rule, read }: RequestRule, exchange: Exchange, principal: Principal): Refusal | null {
  const found = read(exchange)
  if ('problem' in found) return refuse('object_ambiguous', found.problem)
  if (found.value === null) return rule.optional ? null : refuse('object_missing', describeRule(rule))
  return allowedValues(rule, principal).includes(found.value) ? null : refuse('object_foreign', describeRule(rule))
}

/** A name under `issuers` stands for what its tokens say. */
function toIssuers(names: readonly string[], { block }: PolicyDeps): ReadonlySet<string> {
  const known = block<Readonly<Record<string, { readonly issuer: string }>> | undefined>('issuers') ?? {}
  return new Set(names.map((name) => (Object.hasOwn(known, name) ? (known[name]?.issuer ?? name) : name)))
}
