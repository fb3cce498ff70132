import { type Refusal, type Reply, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import { bridge, type NodeHandler } from '../bridge/bridge.ts'
import type { BridgedTarget } from '../bridge/bridged-request.ts'
import type { IdentityDeps } from '../deps.ts'
import { createMessagePage } from '../pages/people-pages.ts'
import { replyPage } from '../pages/send-page.ts'
import type { PeopleParts } from '../people/people.ts'
import { tellWait } from '../texts/tell-wait.ts'
import { createGuessLimits } from './guess-limits.ts'

/** Where a person types the code that a device shows (RFC 8628 section 3.3). */
export function createDevice(deps: IdentityDeps, { judgeSource, lookOf }: PeopleParts) {
  const limits = createGuessLimits(deps.provide)

  return async (exchange: Exchange, target: BridgedTarget, handle: NodeHandler): Promise<Reply | Refusal> => {
    // oidc-provider would send a code in the address on by a script; it stands in the field of our page instead.
    if (isSafe(exchange)) return bridge(exchange, { ...target, query: '' }, handle)
    const source = judgeSource(exchange)
    if (source.kind === 'foreign') return refuse('csrf_foreign_origin', source.detail)
    const look = lookOf(exchange)
    const { say, language } = look.texts
    const show = (status: number, text: string) =>
      replyPage(status, look, createMessagePage(say(status === 503 ? 'error.unavailableTitle' : 'device.title'), text))
    let wait: number
    try {
      wait = await limits.take(exchange.client.key)
    } catch (error) {
      deps.log.error('device_code_not_judged', { error })
      return show(503, say('error.unavailable'))
    }
    if (wait === 0) return bridge(exchange, target, handle)
    deps.log.warn('device_codes_guessed', { client: exchange.client.key })
    const page = show(429, say('device.tooMany', { wait: tellWait(language, wait) }))
    return { ...page, headers: [...page.headers, ['retry-after', String(wait)]] }
  }
}
