import { takeCookie } from '../../core/cookies.ts'
import { type FieldPairs, refuse, reply } from '../../core/decision.ts'
import type { EndpointHandler } from '../../core/policy.ts'
import { createSourceJudge } from '../../core/request-source.ts'
import { digestSessionSecret, toSessionId } from '../../crypto/session-secret.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import { toClearedCookie } from '../session-cookie.ts'
import type { SessionDesk } from '../session-desk.ts'
import type { SessionSettings } from '../sessions-block.ts'
import type { SessionOptions } from './options.ts'

export const logoutEndpointId = 'logout'

type Logout = NonNullable<SessionOptions['logout']>

/** Ends whatever session the cookie names, on the server first. Pages of other origins log nobody out. */
export function createLogout(
  { next, clearSiteData }: Logout,
  settings: SessionSettings,
  desk: SessionDesk,
): EndpointHandler {
  const judge = createSourceJudge({ trustedOrigins: [], sameSite: false })
  const headers: FieldPairs = [
    ['set-cookie', toClearedCookie(settings)],
    ['cache-control', 'no-store'],
    ...(clearSiteData ? [['clear-site-data', '"cache", "cookies", "storage"'] as const] : []),
    ...(next === undefined ? [] : [['location', next] as const]),
  ]
  const done = reply(next === undefined ? 204 : 303, headers)

  return async (exchange) => {
    const values = takeCookie(exchange.headers, settings.cookie)
    const source = judge(exchange)
    // Also where no cookie came: the browser keeps it from another site, and would yet obey an answer that takes it away.
    if (source.kind === 'foreign') return refuse('session_cross_site', source.detail)
    if (values === null) return done
    if (source.kind === 'unknown') return refuse('session_cross_site', 'nothing says from which page')
    try {
      for (const value of values) {
        const digest = digestSessionSecret(value)
        if (digest !== null) await desk.end(digest, toSessionId(digest))
      }
    } catch (error) {
      return refuseForStore(error)
    }
    return done
  }
}
