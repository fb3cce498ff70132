import { takeCookie } from '../../core/cookies.ts'
import { type FieldPairs, refuse, reply } from '../../core/decision.ts'
import { isNavigation } from '../../core/is-navigation.ts'
import type { EndpointHandler } from '../../core/policy.ts'
import { createSourceJudge } from '../../core/request-source.ts'
import { digestSessionSecret, toSessionId } from '../../crypto/session-secret.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import { toClearedCookie } from '../session-cookie.ts'
import type { EndpointParts } from './callback.ts'
import { describeFailure } from './issuer-client.ts'
import type { Tokens } from './tokens.ts'

/**
 * Ends the session here first, then its tokens at the issuer, then sends the browser to the issuer to end the login
 * there. A script gets no more than an empty answer: it could not follow.
 */
export function createLogout({ options, desk, settings, sessions, deps }: EndpointParts): EndpointHandler {
  const judge = createSourceJudge({ trustedOrigins: [], sameSite: false })
  const { client, vault, origin, isOwn } = desk
  const headers: FieldPairs = [
    ['set-cookie', toClearedCookie(settings)],
    ['cache-control', 'no-store'],
  ]

  async function end(values: readonly string[]): Promise<Tokens | null> {
    let last: Tokens | null = null
    for (const value of values) {
      const digest = digestSessionSecret(value)
      if (digest === null) continue
      const id = toSessionId(digest)
      // Tokens that cannot be read keep nobody logged in.
      const known = await Promise.resolve(vault.load(id)).catch(() => null)
      await sessions.end(digest, id)
      await vault.remove(id)
      last = known?.tokens ?? last
    }
    return last
  }

  /** The session has ended, whatever the issuer says to it. */
  async function revoke({ refreshToken, accessToken }: Tokens): Promise<void> {
    try {
      await client.revoke(refreshToken ?? accessToken)
    } catch (error) {
      deps.log.warn('tokens_not_revoked', { reason: describeFailure(error) })
    }
  }

  async function toLocation(tokens: Tokens | null): Promise<string> {
    const back = { post_logout_redirect_uri: origin + options.afterLogout }
    try {
      // Our own server asks before it ends a login, and knows of whom: no token has to stand in an address for it.
      const hint = tokens === null || isOwn ? {} : { id_token_hint: tokens.idToken }
      const url = tokens === null ? null : await client.toEndSessionUrl({ ...back, ...hint })
      return url ?? options.afterLogout
    } catch (error) {
      deps.log.warn('issuer_not_asked', { reason: describeFailure(error) })
      return options.afterLogout
    }
  }

  return async (exchange) => {
    const values = takeCookie(exchange.headers, settings.cookie)
    const source = judge(exchange)
    // Also where no cookie came: the browser keeps it from another site, and would yet obey an answer that takes it away.
    if (source.kind === 'foreign') return refuse('logout_cross_site', source.detail)
    if (values !== null && source.kind === 'unknown') return refuse('logout_cross_site', 'nothing says from which page')
    let tokens: Tokens | null
    try {
      tokens = await end(values ?? [])
    } catch (error) {
      return refuseForStore(error)
    }
    if (tokens !== null) await revoke(tokens)
    if (!isNavigation('GET', exchange.headers)) return reply(204, headers)
    return reply(303, [['location', await toLocation(tokens)], ...headers])
  }
}
