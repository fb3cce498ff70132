import { type Identification, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { openDesk } from '../session-desk.ts'
import { isTiedToTokens } from '../session-origin.ts'
import { createSessionReader, type ReadSession } from '../session-reader.ts'
import { readSettings } from '../sessions-block.ts'
import { createLogout, logoutEndpointId } from './logout.ts'
import type { SessionOptions } from './options.ts'

export function createSession(options: SessionOptions, deps: PolicyDeps): Hooks {
  const { now } = deps
  const settings = readSettings(deps.block)
  const desk = openDesk(settings, deps)
  const read = createSessionReader(settings, desk, now, options.cacheLifetime)
  const admitted = deps.slot<string>()

  function identify(exchange: Exchange): Identification | Promise<Identification> {
    const session = read(exchange)
    return session instanceof Promise ? session.then((found) => admit(exchange, found)) : admit(exchange, session)
  }

  function admit(exchange: Exchange, session: ReadSession): Identification {
    if (session.kind !== undefined) return session
    const { caller, id } = session.record
    // Its tokens may have ended, which nobody asks here.
    if (isTiedToTokens(caller)) return refuse('session_elsewhere', id)
    admitted.set(exchange, session.record.digest)
    return session.identified
  }

  /** A socket that is open is no use of the session, and does not end for want of others. */
  async function stillHolds(exchange: Exchange): Promise<boolean> {
    const digest = admitted.get(exchange)
    const session = digest === undefined ? null : await desk.find(digest, options.cacheLifetime)
    return session !== null && session.record.revokedAt === null && now() < session.endsAt
  }

  const { logout } = options
  // A scheme that no browser knows: it shows no window for a password (RFC 9110 section 11.6.1).
  const hooks: Hooks = { identify, stillHolds, challenge: 'Session realm="api"' }
  if (logout === undefined) return hooks
  return { ...hooks, endpoints: { [logoutEndpointId]: createLogout(logout, settings, desk) } }
}
