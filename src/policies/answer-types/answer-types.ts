import { STATUS_CODES } from 'node:http'
import type { Answer } from '../../core/answer.ts'
import { type Next, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { createStatusProblem } from '../../core/problem.ts'
import { parseMediaType } from '../../input/media-type.ts'
import type { AnswerTypesOptions } from './options.ts'
import { covers } from './type-ranges.ts'

/** Types that are text and say so by a parameter; JSON is UTF-8 and XML says it itself. */
const text = /^text\/(?!event-stream$)|^application\/(?:javascript|xhtml\+xml)$/
const ofBody = [
  'content-encoding',
  'content-language',
  'content-disposition',
  'content-length',
  'etag',
  'last-modified',
]

export function createAnswerTypes({ allow, missing, charset }: AnswerTypesOptions, deps: PolicyDeps): Hooks {
  const observes = deps.mode === 'observe'

  function respond(exchange: Exchange, answer: Answer): Next | Refusal {
    const { source, headers } = answer
    if (source !== 'upstream' && source !== 'handler') return next
    const [type, ...others] = headers.all('content-type')
    if (type === undefined) {
      if (missing === 'pass' || isBodyless(exchange, answer)) return next
      if (missing === 'refuse') return refuseType(exchange, answer, 'answer_type_missing', undefined)
      if (!observes) headers.append('content-type', missing)
      return next
    }
    const media = others.length > 0 ? null : parseMediaType(type)
    if (media === null || !isAllowed(media.essence)) {
      return isBodyless(exchange, answer) ? next : refuseType(exchange, answer, 'answer_type', type.slice(0, 100))
    }
    if (charset === 'utf-8' && text.test(media.essence) && !media.parameters.has('charset') && !observes) {
      headers.set('content-type', `${type}; charset=utf-8`)
    }
    return next
  }

  const isAllowed = (essence: string) =>
    allow === undefined || essence === 'application/problem+json' || covers(allow, essence)

  /** Errors stay errors, without their body; anything else is one of the upstream. */
  function refuseType(exchange: Exchange, answer: Answer, code: string, detail: string | undefined): Next | Refusal {
    const { status, headers } = answer
    if (status < 400 || observes) return refuse(code, detail)
    deps.log.warn('answer_type', { requestId: exchange.id, route: deps.route.id, status, code })
    for (const name of ofBody) headers.delete(name)
    headers.set('content-type', 'application/problem+json')
    answer.body = createStatusProblem(exchange, status, STATUS_CODES[status] ?? 'The request failed')
    return next
  }

  return { respond }
}

function isBodyless({ method }: Exchange, { status, body, declaredLength }: Answer): boolean {
  const isEmpty = body === null ? declaredLength === 0 : body.length === 0
  return method === 'HEAD' || status === 204 || status === 304 || status < 200 || isEmpty
}
