import { takeCookie } from '../../core/cookies.ts'
import { absent, type Identification, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { digestSessionSecret } from '../../crypto/session-secret.ts'
import { checkSession, type KnownSession } from '../known-session.ts'
import { refuseForStore } from '../refuse-for-store.ts'
import { toClearedCookie } from '../session-cookie.ts'
import { openDesk } from '../session-desk.ts'
import { readSettings } from '../sessions-block.ts'
import { createLogout, logoutEndpointId } from './logout.ts'
import type { SessionOptions } from './options.ts'

export function createSession(options: SessionOptions, deps: PolicyDeps): Hooks {
  const { now } = deps
  const settings = readSettings(deps.block)
  const desk = openDesk(settings, deps)
  const shown = deps.slot<string>()
  // A dead cookie is taken away, so that the browser does not go on sending it.
  const cleared = { headers: [['set-cookie', toClearedCookie(settings)]] } as const

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const values = takeCookie(exchange.headers, settings.cookie)
    if (values === null) return absent
    if (exchange.scheme !== 'https' && settings.unsafePlainHttp === undefined) return refuse('session_in_clear')
    if (values.length > 1) return refuse('session_repeated')
    const digest = digestSessionSecret(values[0] as string)
    if (digest === null) return refuse('session_malformed', undefined, cleared)
    shown.set(exchange, digest)
    try {
      const found = desk.find(digest, options.cacheLifetime)
      return found instanceof Promise ? judgeLater(digest, found) : judge(digest, found)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  async function judgeLater(digest: string, pending: Promise<KnownSession | null>): Promise<Identification> {
    try {
      return await judge(digest, await pending)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  function judge(digest: string, session: KnownSession | null): Identification | Promise<Identification> {
    const verdict = decide(session)
    if (verdict.kind !== 'refuse' || verdict.code !== 'session_idle') return verdict
    // Another worker, or another instance, may have seen it since.
    const fresh = desk.load(digest)
    return fresh instanceof Promise ? fresh.then(decide, refuseForStore) : decide(fresh)
  }

  function decide(session: KnownSession | null): Identification {
    if (session === null) return refuse('session_unknown', undefined, cleared)
    const at = now()
    const failure = checkSession(session, at)
    if (failure !== null) return toRefusal(failure, session)
    desk.use(session, at)
    return session.identified
  }

  function toRefusal(failure: string, { record }: KnownSession): Refusal {
    return refuse(failure, record.id, cleared)
  }

  /** A socket that is open is no use of the session, and does not end for want of others. */
  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const digest = shown.get(exchange)
    const session = digest === undefined ? null : await desk.find(digest, options.cacheLifetime)
    return session !== null && session.record.revokedAt === null && now() < session.endsAt
  }

  const { logout } = options
  // A scheme that no browser knows: it shows no window for a password (RFC 9110 section 11.6.1).
  const hooks: Hooks = { identify, stillHolds, challenge: 'Session realm="api"' }
  if (logout === undefined) return hooks
  return { ...hooks, endpoints: { [logoutEndpointId]: createLogout(logout, settings, desk) } }
}
