import { readCookie } from '../../core/cookies.ts'
import { type Refusal, type Reply, refuse, reply } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { EndpointHandler, PolicyDeps } from '../../core/policy.ts'
import { digestSessionSecret, toSessionId } from '../../crypto/session-secret.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import { toSessionCookie } from '../session-cookie.ts'
import type { SessionDesk } from '../session-desk.ts'
import { tieToTokens } from '../session-origin.ts'
import type { SessionSettings } from '../sessions-block.ts'
import { describeFailure, isAway, isDenied, type TokenAnswer } from './issuer-client.ts'
import type { LoginDesk } from './login-desk.ts'
import { type LoginState, maxLoginMs } from './login-state.ts'
import type { BrowserLoginOptions } from './options.ts'
import { toTokens } from './to-tokens.ts'

export interface EndpointParts {
  readonly options: BrowserLoginOptions
  readonly desk: LoginDesk
  readonly settings: SessionSettings
  readonly sessions: SessionDesk
  readonly deps: PolicyDeps
}

const retryAfterSeconds = 5

/** Takes the issuer's answer, in the browser that asked for it and in no other: else people would be logged in unawares. */
export function createCallback({ options, desk, settings, sessions, deps }: EndpointParts): EndpointHandler {
  const { client, states, vault, mapping, origin } = desk
  const { now } = deps

  return async (exchange) => {
    const url = new URL(`${origin}${options.paths.callback}?${exchange.query}`)
    const states_ = url.searchParams.getAll('state')
    const login = states_.length === 1 ? await states.open(exchange.headers, states_[0] as string) : null
    if (login === null) return refuse('login_state')
    if (exchange.scheme !== 'https' && settings.unsafePlainHttp === undefined) return refuse('session_in_clear')
    const state = states_[0] as string
    try {
      if (!(await vault.useState(state, maxLoginMs))) return refuse('login_state_used')
    } catch (error) {
      return refuseForStore(error)
    }
    let answer: TokenAnswer
    try {
      answer = await client.redeem(url, { ...login, state }, options.resource)
    } catch (error) {
      if (isDenied(error)) return goTo(options.afterLogout, [])
      const detail = describeFailure(error)
      if (isAway(error)) return refuse('dependency_down', `the issuer: ${detail}`, { retryAfterSeconds })
      return refuse('login_refused', detail)
    }
    try {
      return await begin(exchange, answer, login)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  /** The secret is new (ASVS v5.0.0-7.2.4), and that of a session before is worth nothing from here on. */
  async function begin(exchange: Exchange, answer: TokenAnswer, { to, asked }: LoginState): Promise<Reply | Refusal> {
    const at = now()
    const tokens = toTokens(answer, null, { now: at, endsAt: at + settings.absolute, asked }, mapping)
    if (tokens === null)
      return refuse('login_refused', 'the claims do not say who it is, or not so that it can be used')
    const hints = { userAgent: exchange.headers.get('user-agent') ?? null, address: exchange.client.address }
    const secret = await sessions.begin(tieToTokens(tokens.caller), hints)
    const session = toSessionId(digestSessionSecret(secret) as string)
    await vault.put(session, tokens)
    if (await vault.isEnded(tokens)) {
      if (tokens.refreshToken !== null) await client.revoke(tokens.refreshToken).catch(() => {})
      await desk.refresher.end(session, 'the issuer ended it meanwhile')
      return refuse('login_refused', 'the issuer ended the login meanwhile')
    }
    await endCurrent(exchange)
    return goTo(to, [['set-cookie', toSessionCookie(secret, settings.absolute, settings)]])
  }

  async function endCurrent({ headers }: Exchange): Promise<void> {
    for (const value of readCookie(headers, settings.cookie) ?? []) {
      const digest = digestSessionSecret(value)
      if (digest === null) continue
      await sessions.end(digest, toSessionId(digest))
      await vault.remove(toSessionId(digest))
    }
  }

  /**
   * Browsers send a cookie with `SameSite=Strict` nowhere that another site has led to, by however many redirects: a
   * page of our own goes on from here then.
   */
  function goTo(path: string, headers: readonly (readonly [string, string])[]): Reply {
    const all = [...headers, ['cache-control', 'no-store'], ['referrer-policy', 'no-referrer']] as const
    if (settings.sameSite === 'lax') return reply(303, [['location', path], ...all])
    const safe = path.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
    const page = `<!doctype html><meta charset="utf-8"><title>…</title><meta http-equiv="refresh" content="0;url=${safe}"><a href="${safe}">→</a>`
    return reply(200, [['content-type', 'text/html; charset=utf-8'], ...all], page)
  }
}
