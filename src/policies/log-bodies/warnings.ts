import type { CheckContext, PolicyWarning } from '../../core/policy.ts'
import { isExchangeLogged } from './exchange-log.ts'
import type { LogBodiesOptions } from './options.ts'

const bodyless = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export function warnOfLogBodies(options: LogBodiesOptions, { route, block }: CheckContext): PolicyWarning[] {
  const { request, response, maxBytes } = options
  const whose = request && response ? 'requests and answers' : request ? 'requests' : 'answers'
  const warnings: PolicyWarning[] = [
    {
      text: `log-bodies: up to ${maxBytes} bytes of ${whose} are written into the log, personal data included`,
      reason: null,
    },
  ]
  if (!isExchangeLogged(block)) {
    const text = 'log-bodies: nothing is recorded, because `log` writes no line for exchanges (`level`, `access`)'
    warnings.push({ text, reason: null })
  }
  if (!response && route.methods.length > 0 && route.methods.every((method) => bodyless.has(method))) {
    const text = `log-bodies: nothing is recorded on ${route.id}: its requests have no bodies`
    warnings.push({ text, reason: null })
  }
  return warnings
}
