import { takeCookie } from '../core/cookies.ts'
import { type Absent, absent, type Refusal, refuse } from '../core/decision.ts'
import type { Exchange } from '../core/exchange.ts'
import { digestSessionSecret } from '../crypto/session-secret.ts'
import { checkSession, type KnownSession } from './known-session.ts'
import { refuseForStore } from './refuse-for-store.ts'
import { toClearedCookie } from './session-cookie.ts'
import type { SessionDesk } from './session-desk.ts'
import type { SessionSettings } from './sessions-block.ts'

export type ReadSession = Absent | Refusal | (KnownSession & { readonly kind?: undefined })

/** Takes the session's cookie out of requests, and says which session it stands for. */
export type SessionReader = (exchange: Exchange) => ReadSession | Promise<ReadSession>

/** @param lifetimeMs how long a session is believed without asking the store again */
export function createSessionReader(
  settings: SessionSettings,
  desk: SessionDesk,
  now: () => number,
  lifetimeMs: number,
): SessionReader {
  // A dead cookie is taken away, so that the browser does not go on sending it.
  const cleared = { headers: [['set-cookie', toClearedCookie(settings)]] } as const

  async function judgeLater(digest: string, pending: Promise<KnownSession | null>): Promise<ReadSession> {
    try {
      return await judge(digest, await pending)
    } catch (error) {
      return refuseForStore(error)
    }
  }

  function judge(digest: string, session: KnownSession | null): ReadSession | Promise<ReadSession> {
    const verdict = decide(session)
    if (verdict.kind !== 'refuse' || verdict.code !== 'session_idle') return verdict
    // Another worker, or another instance, may have seen it since.
    const fresh = desk.load(digest)
    return fresh instanceof Promise ? fresh.then(decide, refuseForStore) : decide(fresh)
  }

  function decide(session: KnownSession | null): ReadSession {
    if (session === null) return refuse('session_unknown', undefined, cleared)
    const at = now()
    const failure = checkSession(session, at)
    if (failure !== null) return refuse(failure, session.record.id, cleared)
    desk.use(session, at)
    return session
  }

  return (exchange) => {
    const values = takeCookie(exchange.headers, settings.cookie)
    if (values === null) return absent
    if (exchange.scheme !== 'https' && settings.unsafePlainHttp === undefined) return refuse('session_in_clear')
    if (values.length > 1) return refuse('session_repeated')
    const digest = digestSessionSecret(values[0] as string)
    if (digest === null) return refuse('session_malformed', undefined, cleared)
    try {
      const found = desk.find(digest, lifetimeMs)
      return found instanceof Promise ? judgeLater(digest, found) : judge(digest, found)
    } catch (error) {
      return refuseForStore(error)
    }
  }
}
