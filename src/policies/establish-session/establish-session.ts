import type { Answer } from '../../core/answer.ts'
import { readCookie, takeCookie } from '../../core/cookies.ts'
import { type Next, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isSafe } from '../../core/is-safe.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { createSourceJudge } from '../../core/request-source.ts'
import { digestSessionSecret, toSessionId } from '../../crypto/session-secret.ts'
import type { SessionCaller } from '../../stores/ports/session-store.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import { toClearedCookie, toSessionCookie } from '../session-cookie.ts'
import { openDesk } from '../session-desk.ts'
import { readSettings } from '../sessions-block.ts'
import type { EstablishSessionOptions } from './options.ts'
import { parseSessionField, sessionField } from './session-field.ts'

/** Carries out what the upstream says in `Portcullis-Session`, and sees to it that nobody is logged in unawares. */
export function createEstablishSession(options: EstablishSessionOptions, deps: PolicyDeps): Hooks {
  const { route, now } = deps
  const settings = readSettings(deps.block)
  const desk = openDesk(settings, deps)
  const judge = createSourceJudge({ trustedOrigins: options.trustedOrigins, sameSite: false })
  // Two upstreams may know different people by one name.
  const issuer = route.upstream === null ? 'application' : `upstream:${route.upstream}`
  const current = deps.slot<string>()

  /** Whose session the request brings: a login ends it, so that no secret from before stays good. */
  function noteSession(exchange: Exchange): Next {
    const { headers } = exchange
    // Where the route asks for a session, that policy takes it out of the request.
    const values = route.authenticated ? readCookie(headers, settings.cookie) : takeCookie(headers, settings.cookie)
    const digest = values?.length === 1 ? digestSessionSecret(values[0] as string) : null
    if (digest !== null) current.set(exchange, digest)
    return next
  }

  /** Login CSRF: a page of the attacker's logs people in as the attacker, to read later what they do there. */
  function checkSource(exchange: Exchange): Next | Refusal {
    if (isSafe(exchange)) return next
    const source = judge(exchange)
    return source.kind === 'foreign' ? refuse('login_cross_site', source.detail) : next
  }

  function respond(exchange: Exchange, answer: Answer): Next | Refusal | Promise<Next | Refusal> {
    const values = answer.headers.all(sessionField)
    if (values.length === 0) return next
    answer.headers.delete(sessionField)
    const { source, status } = answer
    if ((source !== 'upstream' && source !== 'handler') || status < 200 || status >= 400) return next
    if (values.length > 1) return refuse('session_field_invalid', 'it came more than once')
    if (exchange.scheme !== 'https' && settings.unsafePlainHttp === undefined) return refuse('session_in_clear')
    return carryOut(exchange, answer, values[0] as string).catch(refuseForStore)
  }

  async function carryOut(exchange: Exchange, answer: Answer, value: string): Promise<Next | Refusal> {
    const order = parseSessionField(value, now())
    switch (order.kind) {
      case 'invalid':
        return refuse('session_field_invalid', order.problem)
      case 'end':
        await endCurrent(exchange)
        if (options.clearSiteData) answer.headers.set('clear-site-data', '"cache", "cookies", "storage"')
        return setCookie(answer, toClearedCookie(settings))
      case 'renew':
        return renew(exchange, answer, null)
      case 'caller': {
        const caller = { ...order.caller, issuer }
        return isCallerOf(exchange, caller) ? renew(exchange, answer, caller) : begin(exchange, answer, caller)
      }
    }
  }

  async function begin(exchange: Exchange, answer: Answer, caller: SessionCaller): Promise<Next> {
    const secret = await desk.begin(caller, {
      userAgent: exchange.headers.get('user-agent') ?? null,
      address: exchange.client.address,
    })
    await endCurrent(exchange)
    return setCookie(answer, toSessionCookie(secret, settings.absolute, settings))
  }

  async function renew(exchange: Exchange, answer: Answer, caller: SessionCaller | null): Promise<Next | Refusal> {
    const { principal } = exchange
    const digest = current.get(exchange)
    if (digest === undefined || principal?.credential.policy !== 'session') {
      return refuse('session_field_invalid', '`renew` on a route that nobody has a session on')
    }
    const secret = await desk.renew(digest, caller)
    if (secret === null) return refuse('session_ended', principal.credential.id)
    return setCookie(answer, toSessionCookie(secret, (principal.expiresAt ?? now()) - now(), settings))
  }

  async function endCurrent(exchange: Exchange): Promise<void> {
    const digest = current.get(exchange)
    if (digest !== undefined) await desk.end(digest, toSessionId(digest))
  }

  /** Privileges of whoever has the session change; anybody else gets a session of their own. */
  function isCallerOf({ principal }: Exchange, caller: SessionCaller): boolean {
    return (
      principal?.credential.policy === 'session' && principal.id === caller.id && principal.issuer === caller.issuer
    )
  }

  return { guard: noteSession, authenticate: checkSource, respond }
}

function setCookie(answer: Answer, cookie: string): Next {
  answer.headers.append('set-cookie', cookie)
  // No cache may hand one person's session to another (RFC 9111 section 7.3).
  answer.headers.set('cache-control', 'no-store')
  return next
}
